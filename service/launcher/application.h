/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* An installed application: a desktop entry that was found and may be run (Desktop Entry
 * Specification 1.5). Immutable, reference counted. */
typedef struct _WgwApplication WgwApplication;

/* wgw_application_find - the entry of a desktop ID ("org.gnome.Calculator.desktop", with or without
 * the ending; the user's entries go before the system's) or of a path to a .desktop file (anything
 * with a "/"). Reads small local files. Free with wgw_application_unref.
 * WGW_ERROR_NO_SUCH_APPLICATION: there is none, it is hidden, or its TryExec is not installed;
 * WGW_ERROR_INVALID_ARGUMENT: what was found is no application's entry. */
WgwApplication *wgw_application_find(const char *id_or_path, GError **error);

WgwApplication *wgw_application_ref(WgwApplication *application);
void wgw_application_unref(WgwApplication *application);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwApplication, wgw_application_unref)

/* wgw_application_get_id - "org.gnome.Calculator.desktop"; a path's base name if it was found by
 * path. */
const char *wgw_application_get_id(const WgwApplication *application);
/* wgw_application_get_path - of the entry, absolute, in the file system's encoding. */
const char *wgw_application_get_path(const WgwApplication *application);
/* wgw_application_get_name - Name=, in the language of the user. */
const char *wgw_application_get_name(const WgwApplication *application);
/* wgw_application_get_directory - the working directory that Path= asks for, or NULL. */
const char *wgw_application_get_directory(const WgwApplication *application);
/* wgw_application_get_bus_name - a name on the session bus whose owner a second copy of this
 * program hands its request over to, as far as the entry tells (its own name, or the terminal of
 * Terminal=true), or NULL. It is for whoever runs the program to see to it that no owner outside the
 * tunnel is reached. */
const char *wgw_application_get_bus_name(const WgwApplication *application);

/**
 * wgw_application_expand:
 * @action: (nullable): one of the entry's desktop actions
 * @uris: (nullable): what to open, URIs
 * @ret_program: (out) (optional): see below
 *
 * The commands that run @application. It is several if there are several @uris and the application
 * takes one at a time. argv[0] may be a name to be looked up in PATH.
 * @ret_program is where in each the application's own command begins: not at 0 if it runs in a
 * terminal.
 *
 * Returns: (transfer full) (element-type GStrv): at least one argv, each free with g_strfreev; free
 *   with g_ptr_array_unref. Or %NULL with WGW_ERROR_INVALID_ARGUMENT: there is no such action, a
 *   URI is none or is no file where the application takes only files; WGW_ERROR_SPAWN_FAILED: no
 *   terminal is installed, or Exec= is malformed
 */
GPtrArray *wgw_application_expand(const WgwApplication *application,
                                  const char *action,
                                  const char *const *uris,
                                  gsize *ret_program,
                                  GError **error);
