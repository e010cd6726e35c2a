/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* print-arguments …: append "COUNT", each argument but the first, and their NULs, to the file that
 * WG_WRAP_TEST_OUTPUT names, in one go. */
int
main(int argc, char **argv)
{
    static char record[65536];
    const char *path = getenv("WG_WRAP_TEST_OUTPUT");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    size_t len = snprintf(record, sizeof record, "%d", argc - 1) + 1;

    for (int i = 1; i < argc; i++) {
        size_t n = strlen(argv[i]) + 1;

        if (len + n > sizeof record)
            return 1;
        memcpy(record + len, argv[i], n);
        len += n;
    }
    return fd >= 0 && write(fd, record, len) == (ssize_t)len ? 0 : 1;
}
