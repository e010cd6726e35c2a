/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The menu in Thunar: a module for thunarx 3. */

#include <thunarx/thunarx.h>

#include "files/menu.h"

typedef struct {
    GObject parent_instance;
} WgwThunar;

typedef struct {
    GObjectClass parent_class;
} WgwThunarClass;

static GType wgw_thunar_get_type(void);
static void wgw_thunar_menu_init(ThunarxMenuProviderIface *interface);

G_DEFINE_DYNAMIC_TYPE_EXTENDED(WgwThunar,
                               wgw_thunar,
                               G_TYPE_OBJECT,
                               0,
                               G_IMPLEMENT_INTERFACE_DYNAMIC(THUNARX_TYPE_MENU_PROVIDER,
                                                             wgw_thunar_menu_init))

static GAppLaunchContext *
get_launch_context(void)
{
    return G_APP_LAUNCH_CONTEXT(gdk_display_get_app_launch_context(gdk_display_get_default()));
}

static const WgwMenuKind kind = {
    .get_uri = (gpointer)thunarx_file_info_get_uri,
    .item_new = (gpointer)thunarx_menu_item_new,
    .menu_new = (gpointer)thunarx_menu_new,
    .append_item = (gpointer)thunarx_menu_append_item,
    .set_submenu = (gpointer)thunarx_menu_item_set_menu,
    .get_launch_context = get_launch_context,
    .drops_items = TRUE,
};

static GList *
wgw_thunar_get_file_menu_items(ThunarxMenuProvider *provider, GtkWidget *window, GList *files)
{
    return wgw_menu_new(&kind, files);
}

static void
wgw_thunar_menu_init(ThunarxMenuProviderIface *interface)
{
    interface->get_file_menu_items = wgw_thunar_get_file_menu_items;
}

static void
wgw_thunar_class_init(WgwThunarClass *class)
{
}

static void
wgw_thunar_class_finalize(WgwThunarClass *class)
{
}

static void
wgw_thunar_init(WgwThunar *provider)
{
}

/* ---- The module ---- */

G_MODULE_EXPORT void thunar_extension_initialize(ThunarxProviderPlugin *plugin);
G_MODULE_EXPORT void thunar_extension_shutdown(void);
G_MODULE_EXPORT void thunar_extension_list_types(const GType **types, int *n_types);

void
thunar_extension_initialize(ThunarxProviderPlugin *plugin)
{
    wgw_menu_init(NULL);
    /* Answers may still come after the last window has gone. */
    thunarx_provider_plugin_set_resident(plugin, TRUE);
    wgw_thunar_register_type(G_TYPE_MODULE(plugin));
}

void
thunar_extension_shutdown(void)
{
}

void
thunar_extension_list_types(const GType **types, int *n_types)
{
    static GType own[1];

    own[0] = wgw_thunar_get_type();
    *types = own;
    *n_types = 1;
}
