/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The menu in Caja: a module for libcaja-extension. Caja asks for it when a file is selected, and not again at
 * each right click, so it is told when there is something new. */

#include <gdk/gdk.h>
#include <libcaja-extension/caja-menu-provider.h>

#include "files/menu.h"

typedef struct {
    GObject parent_instance;
} WgwCaja;

typedef struct {
    GObjectClass parent_class;
} WgwCajaClass;

static GType wgw_caja_get_type(void);
static void wgw_caja_menu_init(CajaMenuProviderIface *interface);

G_DEFINE_DYNAMIC_TYPE_EXTENDED(WgwCaja,
                               wgw_caja,
                               G_TYPE_OBJECT,
                               0,
                               G_IMPLEMENT_INTERFACE_DYNAMIC(CAJA_TYPE_MENU_PROVIDER,
                                                             wgw_caja_menu_init))

/* Caja's only one of the type, as long as that keeps it. */
static GObject *only;

static void
on_changed(void)
{
    if (only)
        caja_menu_provider_emit_items_updated_signal(CAJA_MENU_PROVIDER(only));
}

static GAppLaunchContext *
get_launch_context(void)
{
    return G_APP_LAUNCH_CONTEXT(gdk_display_get_app_launch_context(gdk_display_get_default()));
}

static const WgwMenuKind kind = {
    .get_uri = (gpointer)caja_file_info_get_uri,
    .item_new = (gpointer)caja_menu_item_new,
    .menu_new = (gpointer)caja_menu_new,
    .append_item = (gpointer)caja_menu_append_item,
    .set_submenu = (gpointer)caja_menu_item_set_submenu,
    .get_launch_context = get_launch_context,
};

static GList *
wgw_caja_get_file_items(CajaMenuProvider *provider, GtkWidget *window, GList *files)
{
    return wgw_menu_new(&kind, files);
}

static void
wgw_caja_menu_init(CajaMenuProviderIface *interface)
{
    interface->get_file_items = wgw_caja_get_file_items;
}

static void
wgw_caja_class_init(WgwCajaClass *class)
{
}

static void
wgw_caja_class_finalize(WgwCajaClass *class)
{
}

static void
wgw_caja_init(WgwCaja *provider)
{
    g_set_weak_pointer(&only, G_OBJECT(provider));
}

/* ---- The module ---- */

G_MODULE_EXPORT void
caja_module_initialize(GTypeModule *module)
{
    wgw_menu_init(on_changed);
    wgw_caja_register_type(module);
}

G_MODULE_EXPORT void
caja_module_shutdown(void)
{
}

G_MODULE_EXPORT void
caja_module_list_types(const GType **types, int *num_types)
{
    static GType own[1];

    own[0] = wgw_caja_get_type();
    *types = own;
    *num_types = 1;
}
