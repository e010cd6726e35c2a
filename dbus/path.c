/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "dbus/path.h"

#include <string.h>

#include "dbus/names.h"

#define SESSION_ID_DIGITS 16

static char *
path_below(const char *parent, const char *name)
{
    GString *path = g_string_new(parent);

    g_string_append_c(path, '/');
    for (const char *c = name; *c; c++) {
        if (g_ascii_isalnum(*c))
            g_string_append_c(path, *c);
        else
            g_string_append_printf(path, "_%02x", (guchar)*c);
    }
    return g_string_free(path, FALSE);
}

char *
wgw_path_for_profile(const char *name)
{
    return path_below(WGW_PROFILES_PATH, name);
}

char *
wgw_path_for_session(const char *name)
{
    return path_below(WGW_SESSIONS_PATH, name);
}

char *
wgw_path_dup_name(const char *path)
{
    g_autoptr(GString) name = g_string_new(NULL);
    g_autofree char *again = NULL;
    const char *element = strrchr(path, '/');

    if (!element)
        return NULL;
    for (const char *c = element + 1; *c; c++) {
        if (*c == '_' && g_ascii_isxdigit(c[1]) && g_ascii_isxdigit(c[2])) {
            g_string_append_c(name,
                              (char)(g_ascii_xdigit_value(c[1]) << 4 | g_ascii_xdigit_value(c[2])));
            c += 2;
        } else {
            g_string_append_c(name, *c);
        }
    }
    /* A name has one path only, so what does not lead back here was not one of ours. */
    again = g_str_has_prefix(path, WGW_SESSIONS_PATH "/") ? wgw_path_for_session(name->str)
                                                          : wgw_path_for_profile(name->str);
    if (name->len == 0 || strcmp(again, path) != 0)
        return NULL;
    return g_strdup(name->str);
}

char *
wgw_path_runtime(void)
{
    return g_build_filename(g_get_user_runtime_dir(), "wg-wrap", NULL);
}

char *
wgw_path_session_directory(const char *name)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
    g_autofree char *runtime = wgw_path_runtime();

    digest[SESSION_ID_DIGITS] = '\0';
    return g_build_filename(runtime, "sessions", digest, NULL);
}
