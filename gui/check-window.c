/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/check-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "gui/check-list.h"
#include "gui/escape.h"

#define WGW_TYPE_CHECK_WINDOW (wgw_check_window_get_type())
G_DECLARE_FINAL_TYPE(WgwCheckWindow, wgw_check_window, WGW, CHECK_WINDOW, AdwWindow)

struct _WgwCheckWindow {
    AdwWindow parent_instance;

    WgwClient *client;
    char *tunnel; /* its name; NULL: this machine */
    gboolean busy;

    AdwWindowTitle *title;
    AdwToastOverlay *toasts;
    GtkStack *stack;
    GtkImage *icon;
    GtkLabel *outcome;
    GtkLabel *explanation;
    WgwCheckList *list;
    AdwStatusPage *failure;
};

G_DEFINE_FINAL_TYPE(WgwCheckWindow, wgw_check_window, ADW_TYPE_WINDOW)

static WgwTunnel *
get_tunnel(WgwCheckWindow *window)
{
    return wgw_client_find_tunnel(window->client, window->tunnel);
}

static void
show_page(WgwCheckWindow *window, const char *page)
{
    gtk_stack_set_visible_child_name(window->stack, page);
    gtk_widget_action_set_enabled(GTK_WIDGET(window), "check.again", !window->busy);
    gtk_widget_action_set_enabled(GTK_WIDGET(window), "check.copy", g_str_equal(page, "checks"));
}

static void
show_failure(WgwCheckWindow *window, const char *title, const char *description)
{
    g_autofree char *escaped = g_markup_escape_text(description, -1);

    adw_status_page_set_title(window->failure, title);
    adw_status_page_set_description(window->failure, escaped);
    show_page(window, "failure");
}

static void
show_checks(WgwCheckWindow *window, GVariant *checks)
{
    guint n_failed = wgw_check_list_set_checks(window->list, checks);
    const char *class = n_failed > 0 ? "error" : "success";
    g_autofree char *failed = g_strdup_printf(
        ngettext("%u Check Has Failed", "%u Checks Have Failed", n_failed), n_failed);

    gtk_image_set_from_icon_name(window->icon,
                                 n_failed > 0 ? "dialog-error-symbolic" : "emblem-ok-symbolic");
    gtk_widget_set_css_classes(GTK_WIDGET(window->icon), (const char *[]){class, NULL});
    if (n_failed > 0) {
        gtk_label_set_label(window->outcome, failed);
        gtk_label_set_label(window->explanation,
                            window->tunnel
                                ? _("Something of this tunnel's programs may leave outside it.")
                                : _("Tunnels may not run, or not well, until this is mended."));
    } else if (window->tunnel) {
        gtk_label_set_label(window->outcome, _("It Is Really in the Tunnel"));
        gtk_label_set_label(window->explanation,
                            _("Looked at from inside, a moment ago: there is no way past it."));
    } else {
        gtk_label_set_label(window->outcome, _("Everything Is as It Should Be"));
        gtk_label_set_label(window->explanation, _("Tunnels can run on this machine."));
    }
    show_page(window, "checks");
}

static void
on_checked(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwCheckWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(GVariant) checks = NULL;

    if (!window->client) /* closed meanwhile */
        return;
    window->busy = FALSE;
    if (!reply) {
        const char *gone = wgw_client_get_error(window->client);

        show_failure(window, _("This Could Not Be Checked"), gone ? gone : error->message);
        return;
    }
    checks = g_variant_get_child_value(reply, 0);
    show_checks(window, checks);
}

static gboolean
is_open(WgwTunnel *tunnel)
{
    WgwTunnelState state = wgw_tunnel_get_state(tunnel);

    return wgw_tunnel_get_active(tunnel) && state != WGW_TUNNEL_STARTING &&
           state != WGW_TUNNEL_CLOSING;
}

static void
check(WgwCheckWindow *window)
{
    WgwTunnel *tunnel = get_tunnel(window);

    if (window->busy)
        return;
    if (window->tunnel && !tunnel) {
        show_failure(window, _("The Tunnel Is Gone"), _("Its profile was removed."));
        return;
    }
    if (tunnel && !is_open(tunnel)) {
        show_failure(
            window, _("The Tunnel Is Not Open"),
            _("It can be looked into while it is. Open it; the check then begins by itself."));
        return;
    }
    window->busy = TRUE;
    show_page(window, "busy");
    if (tunnel)
        wgw_client_check_session(window->client, tunnel, on_checked, g_object_ref(window));
    else
        wgw_client_diagnose(window->client, on_checked, g_object_ref(window));
}

/* What was found of a tunnel that has ended meanwhile would be no answer any more. */
static void
on_state(WgwTunnel *tunnel, GParamSpec *pspec, WgwCheckWindow *window)
{
    if (tunnel != get_tunnel(window))
        return;
    if (!is_open(tunnel) ||
        g_strcmp0(gtk_stack_get_visible_child_name(window->stack), "failure") == 0)
        check(window);
}

/* What was found is no answer any more; a service that is back gives another. */
static void
on_error(WgwClient *client, GParamSpec *pspec, WgwCheckWindow *window)
{
    const char *error = wgw_client_get_error(client);

    if (error)
        show_failure(window, _("This Could Not Be Checked"), error);
    else if (g_strcmp0(gtk_stack_get_visible_child_name(window->stack), "failure") == 0)
        check(window);
}

/* A profile of this name has gone, or has come. */
static void
on_tunnels(
    GListModel *tunnels, guint position, guint n_removed, guint n_added, WgwCheckWindow *window)
{
    WgwTunnel *tunnel = get_tunnel(window);

    if (!tunnel) {
        check(window);
        return;
    }
    g_signal_handlers_disconnect_by_func(tunnel, on_state, window);
    g_signal_connect_object(tunnel, "notify::state", G_CALLBACK(on_state), window, 0);
    on_state(tunnel, NULL, window);
}

static void
on_moved(WgwClient *client, WgwTunnel *from, WgwTunnel *to, WgwCheckWindow *window)
{
    if (g_strcmp0(wgw_tunnel_get_name(from), window->tunnel) != 0)
        return;
    g_free(window->tunnel);
    window->tunnel = g_strdup(wgw_tunnel_get_name(to));
    adw_window_title_set_subtitle(window->title, window->tunnel);
    on_tunnels(NULL, 0, 0, 0, window);
}

static void
again_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    check(WGW_CHECK_WINDOW(widget));
}

/* Without the tunnel's name: the report is for others. */
static void
copy_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwCheckWindow *window = WGW_CHECK_WINDOW(widget);

    wgw_check_list_copy(window->list, window->tunnel ? "Leak check" : "Diagnostics");
    adw_toast_overlay_add_toast(window->toasts, adw_toast_new(_("Report copied")));
}

static void
wgw_check_window_dispose(GObject *object)
{
    WgwCheckWindow *window = WGW_CHECK_WINDOW(object);

    g_clear_object(&window->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_CHECK_WINDOW);
    G_OBJECT_CLASS(wgw_check_window_parent_class)->dispose(object);
}

static void
wgw_check_window_finalize(GObject *object)
{
    g_free(WGW_CHECK_WINDOW(object)->tunnel);
    G_OBJECT_CLASS(wgw_check_window_parent_class)->finalize(object);
}

static void
wgw_check_window_class_init(WgwCheckWindowClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_check_window_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_check_window_finalize;
    g_type_ensure(WGW_TYPE_CHECK_LIST);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/check-window.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, title);
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, toasts);
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, stack);
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, icon);
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, outcome);
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, explanation);
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, list);
    gtk_widget_class_bind_template_child(widget_class, WgwCheckWindow, failure);
    gtk_widget_class_install_action(widget_class, "check.again", NULL, again_action);
    gtk_widget_class_install_action(widget_class, "check.copy", NULL, copy_action);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_r, GDK_CONTROL_MASK, "check.again",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "check.copy",
                                        NULL);
}

static void
wgw_check_window_init(WgwCheckWindow *window)
{
    gtk_widget_init_template(GTK_WIDGET(window));
    wgw_close_by_escape(GTK_WINDOW(window));
}

void
wgw_check_window_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel)
{
    WgwCheckWindow *window = g_object_new(WGW_TYPE_CHECK_WINDOW, "transient-for", parent, NULL);
    GListModel *tunnels = wgw_client_get_tunnels(client);

    window->client = g_object_ref(client);
    g_signal_connect_object(client, "notify::error", G_CALLBACK(on_error), window, 0);
    if (tunnel) {
        window->tunnel = g_strdup(wgw_tunnel_get_name(tunnel));
        gtk_window_set_title(GTK_WINDOW(window), _("Leak Check"));
        adw_window_title_set_title(window->title, _("Leak Check"));
        adw_window_title_set_subtitle(window->title, window->tunnel);
        g_signal_connect_object(client, "moved", G_CALLBACK(on_moved), window, 0);
        g_signal_connect_object(tunnels, "items-changed", G_CALLBACK(on_tunnels), window, 0);
        g_signal_connect_object(tunnel, "notify::state", G_CALLBACK(on_state), window, 0);
    }
    gtk_window_present(GTK_WINDOW(window));
    check(window);
}
