/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/demo.h"

#include <glib/gi18n.h>

#include "dbus/path.h"
#include "gui/complaint.h"

struct demo {
    WgwWindow *window;
    WgwTunnel *tunnel;
    char *page;
};

static void
demo_free(gpointer data, GClosure *closure)
{
    struct demo *demo = data;

    g_clear_object(&demo->window);
    g_clear_object(&demo->tunnel);
    g_free(demo->page);
    g_free(demo);
}

static void
on_page_opened(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!reply)
        wgw_complain(GTK_WINDOW(window), _("The Page Did Not Open"), error->message);
}

static void
on_open_page(AdwToast *toast, struct demo *demo)
{
    wgw_client_open_uri(wgw_window_get_client(demo->window), demo->tunnel, demo->page, NULL,
                        on_page_opened, g_object_ref(demo->window));
}

static void
on_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autofree char *name = NULL;
    struct demo *demo;
    const char *path;
    AdwToast *toast;

    if (!reply) {
        wgw_complain(GTK_WINDOW(window), _("There Is No Demo Tunnel"), error->message);
        return;
    }
    demo = g_new0(struct demo, 1);
    g_variant_get(reply, "(&os)", &path, &demo->page);
    demo->window = g_object_ref(window);
    name = wgw_path_dup_name(path);
    demo->tunnel = wgw_window_show_tunnel(window, name);
    toast = adw_toast_new(_("Demo tunnel ready"));
    if (demo->tunnel) {
        g_object_ref(demo->tunnel);
        adw_toast_set_button_label(toast, _("Open _Page"));
    }
    adw_toast_set_timeout(toast, 0);
    g_signal_connect_data(toast, "button-clicked", G_CALLBACK(on_open_page), demo, demo_free, 0);
    wgw_window_add_toast(window, toast);
}

void
wgw_demo_try(WgwWindow *window)
{
    wgw_client_start_demo(wgw_window_get_client(window), on_started, g_object_ref(window));
}
