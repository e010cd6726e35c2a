/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* What a file manager calls the parts of its menus. They are much alike: an item is a GObject with
 * the signal "activate". */
typedef struct {
    char *(*get_uri)(gpointer file); /* (transfer full) */
    gpointer (*item_new)(const char *name, const char *label, const char *tip, const char *icon);
    gpointer (*menu_new)(void);
    void (*append_item)(gpointer menu, gpointer item); /* takes a reference of its own */
    void (*set_submenu)(gpointer item, gpointer menu); /* so does this */
    GAppLaunchContext *(*get_launch_context)(void);    /* (transfer full) */
    gboolean drops_items; /* the manager drops the reference of a submenu, see menu.c */
} WgwMenuKind;

/* wgw_menu_init - once, before the first right click: what that shows has to be asked for. @changed is called,
 * unless it is NULL, when a menu that was made before would be another now. */
void wgw_menu_init(void (*changed)(void));

/* wgw_menu_new - what a right click on @files offers: a list of at most one item of @kind.
 * (transfer full) */
GList *wgw_menu_new(const WgwMenuKind *kind, GList *files);
