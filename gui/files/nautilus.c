/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The menu in GNOME Files: a module for libnautilus-extension 4. */

#include <gdk/gdk.h>
#include <nautilus-extension.h>

#include "files/menu.h"

typedef struct {
    GObject parent_instance;
} WgwNautilus;

typedef struct {
    GObjectClass parent_class;
} WgwNautilusClass;

static GType wgw_nautilus_get_type(void);
static void wgw_nautilus_menu_init(NautilusMenuProviderInterface *interface);

G_DEFINE_DYNAMIC_TYPE_EXTENDED(WgwNautilus,
                               wgw_nautilus,
                               G_TYPE_OBJECT,
                               0,
                               G_IMPLEMENT_INTERFACE_DYNAMIC(NAUTILUS_TYPE_MENU_PROVIDER,
                                                             wgw_nautilus_menu_init))

static GAppLaunchContext *
get_launch_context(void)
{
    return G_APP_LAUNCH_CONTEXT(gdk_display_get_app_launch_context(gdk_display_get_default()));
}

static const WgwMenuKind kind = {
    .get_uri = (gpointer)nautilus_file_info_get_uri,
    .item_new = (gpointer)nautilus_menu_item_new,
    .menu_new = (gpointer)nautilus_menu_new,
    .append_item = (gpointer)nautilus_menu_append_item,
    .set_submenu = (gpointer)nautilus_menu_item_set_submenu,
    .get_launch_context = get_launch_context,
};

static GList *
wgw_nautilus_get_file_items(NautilusMenuProvider *provider, GList *files)
{
    return wgw_menu_new(&kind, files);
}

static void
wgw_nautilus_menu_init(NautilusMenuProviderInterface *interface)
{
    interface->get_file_items = wgw_nautilus_get_file_items;
}

static void
wgw_nautilus_class_init(WgwNautilusClass *class)
{
}

static void
wgw_nautilus_class_finalize(WgwNautilusClass *class)
{
}

static void
wgw_nautilus_init(WgwNautilus *provider)
{
}

/* ---- The module ---- */

G_MODULE_EXPORT void
nautilus_module_initialize(GTypeModule *module)
{
    wgw_menu_init(NULL);
    wgw_nautilus_register_type(module);
}

G_MODULE_EXPORT void
nautilus_module_shutdown(void)
{
}

G_MODULE_EXPORT void
nautilus_module_list_types(const GType **types, int *num_types)
{
    static GType own[1];

    own[0] = wgw_nautilus_get_type();
    *types = own;
    *num_types = 1;
}
