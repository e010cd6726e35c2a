/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/unable-page.h"

#include <glib/gi18n.h>

#include "gui/check-list.h"

struct _WgwUnablePage {
    AdwBin parent_instance;

    WgwClient *client;
    gboolean looked; /* once at least */
    gboolean unable;
    gboolean busy;

    WgwCheckList *list;
};

G_DEFINE_FINAL_TYPE(WgwUnablePage, wgw_unable_page, ADW_TYPE_BIN)

enum { PROP_UNABLE = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

/* Without these nothing runs. Whatever else may be missing does not keep one from a profile. */
static const char *const vital[] = {"tun-device", "namespaces", NULL};

static void
set_busy(WgwUnablePage *page, gboolean busy)
{
    page->busy = busy;
    gtk_widget_action_set_enabled(GTK_WIDGET(page), "unable.check", !busy);
}

/* A service that cannot be reached is the window's to tell. */
static void
on_diagnosed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwUnablePage) page = user_data;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, NULL);
    g_autoptr(GVariant) checks = NULL;
    gboolean was_unable = page->unable;

    if (!page->client) /* closed meanwhile */
        return;
    set_busy(page, FALSE);
    page->looked = TRUE;
    if (reply) {
        checks = g_variant_get_child_value(reply, 0);
        wgw_check_list_set_checks(page->list, checks);
        page->unable = wgw_check_list_has_failed(page->list, vital);
    }
    g_object_notify_by_pspec(G_OBJECT(page), properties[PROP_UNABLE]);
    if (!reply)
        return;
    if (page->unable && was_unable)
        gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s", _("It is as it was."));
    else if (was_unable)
        gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s",
                                   _("Tunnels can run here now."));
}

static void
check_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwUnablePage *page = WGW_UNABLE_PAGE(widget);

    if (page->busy)
        return;
    set_busy(page, TRUE);
    wgw_client_diagnose(page->client, on_diagnosed, g_object_ref(page));
}

static void
copy_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_check_list_copy(WGW_UNABLE_PAGE(widget)->list, "Diagnostics");
    gtk_widget_activate_action(widget, "win.say", "s", _("Report copied"));
}

static void
on_available(WgwClient *client, GParamSpec *pspec, WgwUnablePage *page)
{
    gboolean available;

    g_object_get(client, "available", &available, NULL);
    if (available && page->looked)
        check_action(GTK_WIDGET(page), NULL, NULL);
}

static void
wgw_unable_page_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_UNABLE:
        g_value_set_boolean(value, WGW_UNABLE_PAGE(object)->unable);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_unable_page_dispose(GObject *object)
{
    g_clear_object(&WGW_UNABLE_PAGE(object)->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_UNABLE_PAGE);
    G_OBJECT_CLASS(wgw_unable_page_parent_class)->dispose(object);
}

static void
wgw_unable_page_class_init(WgwUnablePageClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_unable_page_dispose;
    G_OBJECT_CLASS(class)->get_property = wgw_unable_page_get_property;
    properties[PROP_UNABLE] = g_param_spec_boolean("unable", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(G_OBJECT_CLASS(class), N_PROPERTIES, properties);
    g_type_ensure(WGW_TYPE_CHECK_LIST);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/unable-page.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwUnablePage, list);
    gtk_widget_class_install_action(widget_class, "unable.check", NULL, check_action);
    gtk_widget_class_install_action(widget_class, "unable.copy", NULL, copy_action);
}

static void
wgw_unable_page_init(WgwUnablePage *page)
{
    gtk_widget_init_template(GTK_WIDGET(page));
}

void
wgw_unable_page_set_client(WgwUnablePage *page, WgwClient *client)
{
    g_return_if_fail(WGW_IS_UNABLE_PAGE(page) && !page->client);

    page->client = g_object_ref(client);
    g_signal_connect_object(client, "notify::available", G_CALLBACK(on_available), page, 0);
}

gboolean
wgw_unable_page_look(WgwUnablePage *page)
{
    g_return_val_if_fail(WGW_IS_UNABLE_PAGE(page), FALSE);

    if (!page->looked)
        check_action(GTK_WIDGET(page), NULL, NULL);
    return page->looked;
}
