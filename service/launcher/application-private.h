/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "launcher/application.h"

/* What is known of a desktop entry, for the files of this room. */

#define WGW_SUFFIX ".desktop"

struct _WgwApplication {
    char *id;
    char *path;
    char *name;
    char *icon;      /* or NULL */
    char *directory; /* or NULL */
    char *bus_name;  /* or NULL */
    GKeyFile *entry; /* with all translations */
    gboolean terminal;
};

/* wgw_application_has_action - whether the entry lists the action and has a group for it. */
gboolean wgw_application_has_action(const WgwApplication *application, const char *action);

/* wgw_action_group - the name of an action's group. Free with g_free. */
char *wgw_action_group(const char *action);

/* exec.c */

/* wgw_exec_expand - the commands that a value of Exec= stands for; see wgw_application_expand. */
GPtrArray *wgw_exec_expand(const WgwApplication *application,
                           const char *exec,
                           const char *const *uris,
                           GError **error);

/* wgw_exec_takes - the last of 'f', 'F', 'u' and 'U' that the value has as a field code, or 0. */
char wgw_exec_takes(const char *exec);

/* wgw_exec_append_quoted - one more argument of an Exec= value: in quotes, and no field code. */
void wgw_exec_append_quoted(GString *exec, const char *argument);

/* terminal.c */

/* wgw_terminal_find - the beginning of a command that runs the rest of it in a terminal; free with
 * g_strfreev. *ret_bus_name is set to what wgw_application_get_bus_name says of it, static. NULL if
 * no terminal is installed. */
char **wgw_terminal_find(const char **ret_bus_name);
