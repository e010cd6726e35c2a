/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <stdio.h>

#include "cli/client.h"
#include "cli/text.h"
#include "cli/verb.h"

int
wgw_verb_keygen(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autofree char *public_key = NULL;
    g_autoptr(WgwText) private_key = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 0, 0);
    if (!operands)
        return WGW_EXIT_USAGE;
    manager = wgw_client_manager(&error);
    if (!manager ||
        !wgw_dbus_manager_call_generate_key_sync(manager, &private_key, &public_key, NULL, &error))
        return wgw_fail(error);
    /* As the keys are written in a configuration, so that the lines can be pasted. */
    printf("PrivateKey = %s\nPublicKey = %s\n", private_key, public_key);
    return 0;
}
