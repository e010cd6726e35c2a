/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <fcntl.h>
#include <stdio.h>

#include "base/fd.h"
#include "profile/config.h"
#include "profile/uapi.h"

/*
 * check-config FILE…: for each file "valid" or "invalid", then its problems, then, if it is valid,
 * what the engine would be told, and an empty line. For tests in other languages.
 */
int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        WGW_AUTOCLOSE int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        g_autoptr(GPtrArray) problems = NULL;
        g_autoptr(WgwSecret) uapi = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(WgwConfig) config = wgw_config_load(fd, WGW_CONFIG_SECRETS, &problems, &error);

        printf("%s\n", config ? "valid" : "invalid");
        for (guint j = 0; j < problems->len; j++) {
            const WgwProblem *problem = g_ptr_array_index(problems, j);

            printf("%u:%u: %s: %s: %s\n", problem->line, problem->column,
                   problem->severity == WGW_SEVERITY_ERROR ? "error" : "warning", problem->code,
                   problem->message);
        }
        if (config) {
            uapi = wgw_config_write_uapi(config);
            printf("%s", wgw_secret_get_text(uapi));
        } else {
            printf("%s\n\n", error->message);
        }
    }
    return 0;
}
