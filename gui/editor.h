/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* A profile's text in a window of its own, checked while it is typed. */
#define WGW_TYPE_EDITOR (wgw_editor_get_type())
G_DECLARE_FINAL_TYPE(WgwEditor, wgw_editor, WGW, EDITOR, AdwWindow)

/* wgw_editor_present - on @tunnel's profile: the editor that there is, or a new one. */
void wgw_editor_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel);

/* wgw_editor_present_new - on a profile that does not exist yet; @text is what it begins with. @name
 * is a valid name; @public_key belongs to @private_key, and is shown for as long as that is in the
 * text. */
void wgw_editor_present_new(GtkWindow *parent,
                            WgwClient *client,
                            const char *name,
                            const char *text,
                            const char *private_key,
                            const char *public_key);

/* wgw_editor_ask_all - before the application ends: TRUE if there are unsaved changes, about which
 * their editor then asks. */
gboolean wgw_editor_ask_all(GtkApplication *application);

/* wgw_editor_keep_drafts - those of profiles that no editor is open on go where their profiles go: to
 * another name, or away. */
void wgw_editor_keep_drafts(GtkApplication *application, WgwClient *client);
