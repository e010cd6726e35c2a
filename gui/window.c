/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/window.h"

#include <glib/gi18n.h>

#include "dbus/names.h"
#include "gui/check-window.h"
#include "gui/complaint.h"
#include "gui/demo.h"
#include "gui/editor.h"
#include "gui/export.h"
#include "gui/intake.h"
#include "gui/launch-dialog.h"
#include "gui/log-window.h"
#include "gui/name-dialog.h"
#include "gui/new-tunnel.h"
#include "gui/preferences-window.h"
#include "gui/qr-dialog.h"
#include "gui/removal.h"
#include "gui/row-menu.h"
#include "gui/row-name.h"
#include "gui/tunnel-order.h"
#include "gui/tunnel-page.h"
#include "gui/unable-page.h"

/* In ms: a service that is started now answers sooner, and a spinner that flashes is no help. */
#define PATIENCE 700

struct _WgwWindow {
    AdwApplicationWindow parent_instance;

    WgwClient *client;
    GtkStringFilter *filter;
    GtkSingleSelection *selection;

    AdwToastOverlay *toasts;
    AdwLeaflet *leaflet;
    GtkWidget *sidebar;
    GtkWidget *content;
    GtkSearchBar *search_bar;
    GtkEditable *search_entry;
    GtkListView *list;
    AdwWindowTitle *page_title;
    GtkMenuButton *tunnel_menu_button;
    GtkRevealer *error_revealer;
    GtkLabel *error_label;
    GtkStack *stack;
    AdwStatusPage *stopped_page;
    WgwTunnelPage *page;
    WgwUnablePage *unable_page;
    GtkSpinner *spinner;
    guint patience; /* until the spinner is shown */
};

G_DEFINE_FINAL_TYPE(WgwWindow, wgw_window, ADW_TYPE_APPLICATION_WINDOW)

/* Called by tunnel-row.ui. */
char *wgw_window_get_row_name(GtkListItem *item, const char *name, const char *state);

char *
wgw_window_get_row_name(GtkListItem *item, const char *name, const char *state)
{
    wgw_row_name(item, name, state);
    return g_strdup(name);
}

/* Actions that need a tunnel. */
static const char *const tunnel_actions[] = {
    "win.launch", "win.toggle",    "win.reconnect", "win.edit",       "win.qr-code", "win.export",
    "win.rename", "win.duplicate", "win.remove",    "win.leak-check", "win.log"};

static WgwTunnel *
get_tunnel(WgwWindow *window)
{
    return gtk_single_selection_get_selected_item(window->selection);
}

/* What is shown where no tunnel is: the first-run page only where there are none for certain. */
static const char *
get_empty_page(WgwWindow *window)
{
    gboolean unable;

    if (wgw_client_get_error(window->client))
        return "stopped";
    if (!wgw_client_is_settled(window->client) || !wgw_unable_page_look(window->unable_page))
        return "waiting";
    g_object_get(window->unable_page, "unable", &unable, NULL);
    return unable ? "unable" : "empty";
}

/* The focus goes along, unless it is in the list: left to itself it may go to a toast, which then stays for
 * ever. */
static void
show_page(WgwWindow *window, const char *name)
{
    GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));

    if (g_strcmp0(gtk_stack_get_visible_child_name(window->stack), name) == 0)
        return;
    gtk_stack_set_visible_child_name(window->stack, name);
    if (!focus || !gtk_widget_is_ancestor(focus, window->sidebar))
        gtk_widget_child_focus(gtk_stack_get_visible_child(window->stack), GTK_DIR_TAB_FORWARD);
}

static void
on_selected(GtkSingleSelection *selection, GParamSpec *pspec, WgwWindow *window)
{
    WgwTunnel *tunnel = get_tunnel(window);
    gboolean empty = g_list_model_get_n_items(wgw_client_get_tunnels(window->client)) == 0;
    const char *page = tunnel ? "tunnel" : !empty ? "not-found" : get_empty_page(window);

    wgw_tunnel_page_set_tunnel(window->page, tunnel);
    adw_window_title_set_title(window->page_title, tunnel ? wgw_tunnel_get_name(tunnel) : "");
    show_page(window, page);
    gtk_revealer_set_reveal_child(window->error_revealer,
                                  !empty && wgw_client_get_error(window->client));
    gtk_widget_set_visible(GTK_WIDGET(window->tunnel_menu_button), tunnel != NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tunnel_actions); i++)
        gtk_widget_action_set_enabled(GTK_WIDGET(window), tunnel_actions[i], tunnel != NULL);
    /* With nothing in the list, a narrow window shows what to do first, or what is wrong. */
    if (empty && wgw_client_is_settled(window->client))
        adw_leaflet_set_visible_child(window->leaflet, window->content);
}

static void
set_spinning(WgwWindow *window, gboolean spinning)
{
    g_clear_handle_id(&window->patience, g_source_remove);
    gtk_spinner_set_spinning(window->spinner, spinning);
    gtk_widget_set_visible(GTK_WIDGET(window->spinner), spinning);
}

static gboolean
on_impatience(gpointer user_data)
{
    WgwWindow *window = user_data;

    window->patience = 0;
    set_spinning(window, TRUE);
    return G_SOURCE_REMOVE;
}

static void
on_unable(WgwUnablePage *page, GParamSpec *pspec, WgwWindow *window)
{
    on_selected(window->selection, NULL, window);
}

/* A list that never had the focus has no row for it. */
static void
focus_list(WgwWindow *window)
{
    gtk_widget_activate_action(GTK_WIDGET(window->list), "list.scroll-to-item", "u",
                               gtk_single_selection_get_selected(window->selection));
    gtk_widget_grab_focus(GTK_WIDGET(window->list));
}

/* The leaflet goes back by itself, too, and would take the first button. */
static void
on_visible_child(AdwLeaflet *leaflet, GParamSpec *pspec, WgwWindow *window)
{
    if (adw_leaflet_get_visible_child(leaflet) == window->sidebar)
        focus_list(window);
}

static void
on_activate(GtkListView *list, guint position, WgwWindow *window)
{
    adw_leaflet_set_visible_child(window->leaflet, window->content);
}

static void
on_search(GtkEditable *entry, WgwWindow *window)
{
    gtk_string_filter_set_search(window->filter, gtk_editable_get_text(entry));
}

/* Return takes the tunnel that is shown. */
static void
on_search_activate(GtkSearchEntry *entry, WgwWindow *window)
{
    focus_list(window);
    if (get_tunnel(window) && adw_leaflet_get_folded(window->leaflet))
        adw_leaflet_set_visible_child(window->leaflet, window->content);
}

static void
on_error(WgwClient *client, GParamSpec *pspec, WgwWindow *window)
{
    const char *error = wgw_client_get_error(client);

    if (error) {
        g_autofree char *description = g_markup_escape_text(error, -1);

        gtk_label_set_label(window->error_label, error);
        adw_status_page_set_description(window->stopped_page, description);
    }
    if (wgw_client_is_settled(client))
        set_spinning(window, FALSE);
    on_selected(window->selection, NULL, window);
}

/* Counters are followed only while the window can be seen. */
static void
update_watching(WgwWindow *window)
{
    GdkSurface *surface = gtk_native_get_surface(GTK_NATIVE(window));
    gboolean minimized =
        surface && (gdk_toplevel_get_state(GDK_TOPLEVEL(surface)) & GDK_TOPLEVEL_STATE_MINIMIZED);

    g_object_set(window->client, "watching",
                 gtk_widget_get_mapped(GTK_WIDGET(window)) && !minimized, NULL);
}

static void
on_visibility(GtkWidget *widget, gpointer user_data)
{
    update_watching(WGW_WINDOW(widget));
}

static void
on_surface_state(GdkSurface *surface, GParamSpec *pspec, WgwWindow *window)
{
    update_watching(window);
}

static void
on_realize(GtkWidget *widget, gpointer user_data)
{
    g_signal_connect_object(gtk_native_get_surface(GTK_NATIVE(widget)), "notify::state",
                            G_CALLBACK(on_surface_state), widget, 0);
}

static void
report(WgwWindow *window, GError *error)
{
    wgw_complain(GTK_WINDOW(window), _("This Did Not Work"), error->message);
}

static void
on_done(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!reply)
        report(window, error);
}

static void
on_program_failed(WgwClient *client,
                  const char *message,
                  gboolean handed_over,
                  const char *output,
                  WgwWindow *window)
{
    wgw_complain_with_output(GTK_WINDOW(window),
                             handed_over ? _("Probably Opened Outside the Tunnel")
                                         : _("A Program Has Ended"),
                             message, output);
}

/* ---- Import ---- */

static void
import_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_intake_choose(WGW_WINDOW(widget));
}

static void
paste_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_intake_paste(WGW_WINDOW(widget));
}

/* ---- The profile ---- */

static void
export_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_export(GTK_WINDOW(window), window->client, get_tunnel(window));
}

static void
qr_code_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_qr_dialog_present(GTK_WINDOW(window), window->client, get_tunnel(window));
}

static void
rename_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_name_dialog_present(GTK_WINDOW(window), window->client, get_tunnel(window),
                            WGW_NAME_RENAME);
}

static void
duplicate_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_name_dialog_present(GTK_WINDOW(window), window->client, get_tunnel(window),
                            WGW_NAME_DUPLICATE);
}

static void
remove_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_remove(window->toasts, window->client, get_tunnel(window));
}

/* ---- The other actions ---- */

static void
launch_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_launch_dialog_present(GTK_WINDOW(window), window->client, get_tunnel(window));
}

static void
edit_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_editor_present(GTK_WINDOW(window), window->client, get_tunnel(window));
}

static void
new_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_new_tunnel_present(GTK_WINDOW(widget), WGW_WINDOW(widget)->client);
}

static void
toggle_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_tunnel_page_toggle(WGW_WINDOW(widget)->page);
}

static void
reconnect_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_client_reconnect(window->client, get_tunnel(window), on_done, g_object_ref(window));
}

static void
diagnostics_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_check_window_present(GTK_WINDOW(widget), WGW_WINDOW(widget)->client, NULL);
}

static void
leak_check_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_check_window_present(GTK_WINDOW(window), window->client, get_tunnel(window));
}

static void
log_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    wgw_log_window_present(GTK_WINDOW(window), window->client, get_tunnel(window));
}

static void
demo_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_demo_try(WGW_WINDOW(widget));
}

static void
preferences_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_preferences_window_present(GTK_WINDOW(widget), WGW_WINDOW(widget)->client);
}

static void
retry_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_client_retry(WGW_WINDOW(widget)->client);
}

static void
search_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    if (adw_leaflet_get_folded(window->leaflet))
        adw_leaflet_set_visible_child(window->leaflet, window->sidebar);
    gtk_search_bar_set_search_mode(window->search_bar, TRUE);
    gtk_widget_grab_focus(GTK_WIDGET(window->search_entry));
    gtk_editable_select_region(window->search_entry, 0, -1);
}

static void
back_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwWindow *window = WGW_WINDOW(widget);

    adw_leaflet_navigate(window->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
    focus_list(window);
}

static void
show_tunnel_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_window_show_tunnel(WGW_WINDOW(widget), g_variant_get_string(parameter, NULL));
}

static void
say_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_window_toast(WGW_WINDOW(widget), g_variant_get_string(parameter, NULL));
}

/* ---- Class ---- */

static void
wgw_window_dispose(GObject *object)
{
    WgwWindow *window = WGW_WINDOW(object);

    g_clear_handle_id(&window->patience, g_source_remove);
    g_clear_object(&window->selection);
    g_clear_object(&window->filter);
    g_clear_object(&window->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_WINDOW);
    G_OBJECT_CLASS(wgw_window_parent_class)->dispose(object);
}

static void
wgw_window_class_init(WgwWindowClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_window_dispose;
    g_type_ensure(WGW_TYPE_TUNNEL_PAGE);
    g_type_ensure(WGW_TYPE_UNABLE_PAGE);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/window.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, toasts);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, leaflet);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, sidebar);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, content);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, search_bar);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, search_entry);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, list);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, page_title);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, tunnel_menu_button);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, error_revealer);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, error_label);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, stopped_page);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, stack);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, page);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, unable_page);
    gtk_widget_class_bind_template_child(widget_class, WgwWindow, spinner);

    gtk_widget_class_install_action(widget_class, "win.import", NULL, import_action);
    gtk_widget_class_install_action(widget_class, "win.paste", NULL, paste_action);
    gtk_widget_class_install_action(widget_class, "win.launch", NULL, launch_action);
    gtk_widget_class_install_action(widget_class, "win.edit", NULL, edit_action);
    gtk_widget_class_install_action(widget_class, "win.new", NULL, new_action);
    gtk_widget_class_install_action(widget_class, "win.toggle", NULL, toggle_action);
    gtk_widget_class_install_action(widget_class, "win.reconnect", NULL, reconnect_action);
    gtk_widget_class_install_action(widget_class, "win.qr-code", NULL, qr_code_action);
    gtk_widget_class_install_action(widget_class, "win.export", NULL, export_action);
    gtk_widget_class_install_action(widget_class, "win.rename", NULL, rename_action);
    gtk_widget_class_install_action(widget_class, "win.duplicate", NULL, duplicate_action);
    gtk_widget_class_install_action(widget_class, "win.remove", NULL, remove_action);
    gtk_widget_class_install_action(widget_class, "win.demo", NULL, demo_action);
    gtk_widget_class_install_action(widget_class, "win.diagnostics", NULL, diagnostics_action);
    gtk_widget_class_install_action(widget_class, "win.leak-check", NULL, leak_check_action);
    gtk_widget_class_install_action(widget_class, "win.log", NULL, log_action);
    gtk_widget_class_install_action(widget_class, "win.preferences", NULL, preferences_action);
    gtk_widget_class_install_action(widget_class, "win.retry", NULL, retry_action);
    gtk_widget_class_install_action(widget_class, "win.search", NULL, search_action);
    gtk_widget_class_install_action(widget_class, "win.back", NULL, back_action);
    gtk_widget_class_install_action(widget_class, "win.show-tunnel", "s", show_tunnel_action);
    gtk_widget_class_install_action(widget_class, "win.say", "s", say_action);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_o, GDK_CONTROL_MASK, "win.import",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_v, GDK_CONTROL_MASK, "win.paste",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_t, GDK_CONTROL_MASK, "win.toggle",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_l, GDK_CONTROL_MASK, "win.launch",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_e, GDK_CONTROL_MASK, "win.edit",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_n, GDK_CONTROL_MASK, "win.new", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "win.search",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_comma, GDK_CONTROL_MASK,
                                        "win.preferences", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_k, GDK_CONTROL_MASK, "win.leak-check",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_j, GDK_CONTROL_MASK, "win.log", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_F2, 0, "win.rename", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Delete, GDK_CONTROL_MASK,
                                        "win.remove", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.back", NULL);
}

static void
wgw_window_init(WgwWindow *window)
{
    gtk_widget_init_template(GTK_WIDGET(window));
    wgw_intake_accept_drops(window);
    wgw_row_menu_attach(window->list, gtk_menu_button_get_menu_model(window->tunnel_menu_button));
    g_signal_connect(window, "realize", G_CALLBACK(on_realize), NULL);
    g_signal_connect(window, "map", G_CALLBACK(on_visibility), NULL);
    g_signal_connect(window, "unmap", G_CALLBACK(on_visibility), NULL);
}

WgwWindow *
wgw_window_new(AdwApplication *application, WgwClient *client)
{
    WgwWindow *window = g_object_new(WGW_TYPE_WINDOW, "application", application, NULL);
    GtkExpression *name = gtk_property_expression_new(WGW_TYPE_TUNNEL, NULL, "name");
    g_autoptr(GSettings) settings = g_settings_new(WGW_APPLICATION_ID);
    g_autoptr(GSimpleActionGroup) list_actions = g_simple_action_group_new();
    g_autoptr(GAction) sort_action = g_settings_create_action(settings, "sort-order");
    GListModel *filtered, *sorted;

    window->client = g_object_ref(client);
    wgw_tunnel_page_set_client(window->page, client);
    wgw_unable_page_set_client(window->unable_page, client);

    window->filter = gtk_string_filter_new(name);
    filtered = G_LIST_MODEL(gtk_filter_list_model_new(g_object_ref(wgw_client_get_tunnels(client)),
                                                      GTK_FILTER(g_object_ref(window->filter))));
    sorted = G_LIST_MODEL(gtk_sort_list_model_new(
        filtered, wgw_tunnel_order_new(wgw_client_get_tunnels(client), settings)));
    window->selection = gtk_single_selection_new(sorted);
    gtk_list_view_set_model(window->list, GTK_SELECTION_MODEL(window->selection));
    g_action_map_add_action(G_ACTION_MAP(list_actions), sort_action);
    gtk_widget_insert_action_group(GTK_WIDGET(window), "list", G_ACTION_GROUP(list_actions));

    g_signal_connect_object(window->selection, "notify::selected-item", G_CALLBACK(on_selected),
                            window, 0);
    g_signal_connect_object(window->list, "activate", G_CALLBACK(on_activate), window, 0);
    g_signal_connect_object(window->search_entry, "changed", G_CALLBACK(on_search), window, 0);
    g_signal_connect_object(window->leaflet, "notify::visible-child", G_CALLBACK(on_visible_child),
                            window, 0);
    g_signal_connect_object(window->search_entry, "activate", G_CALLBACK(on_search_activate),
                            window, 0);
    g_signal_connect_object(client, "notify::error", G_CALLBACK(on_error), window, 0);
    g_signal_connect_object(client, "program-failed", G_CALLBACK(on_program_failed), window, 0);
    g_signal_connect_object(window->unable_page, "notify::unable", G_CALLBACK(on_unable), window,
                            0);
    window->patience = g_timeout_add(PATIENCE, on_impatience, window);
    on_error(client, NULL, window);
    return window;
}

void
wgw_window_import_files(WgwWindow *window, GListModel *files)
{
    g_return_if_fail(WGW_IS_WINDOW(window));

    wgw_intake_files(window, files);
}

WgwClient *
wgw_window_get_client(WgwWindow *window)
{
    return window->client;
}

WgwTunnel *
wgw_window_show_tunnel(WgwWindow *window, const char *name)
{
    GListModel *tunnels = G_LIST_MODEL(window->selection);

    gtk_editable_set_text(window->search_entry, "");
    for (guint i = 0; i < g_list_model_get_n_items(tunnels); i++) {
        g_autoptr(WgwTunnel) tunnel = g_list_model_get_item(tunnels, i);

        if (g_strcmp0(wgw_tunnel_get_name(tunnel), name) == 0) {
            gtk_single_selection_set_selected(window->selection, i);
            adw_leaflet_set_visible_child(window->leaflet, window->content);
            return tunnel;
        }
    }
    return NULL;
}

void
wgw_window_add_toast(WgwWindow *window, AdwToast *toast)
{
    adw_toast_overlay_add_toast(window->toasts, toast);
}

void
wgw_window_toast(WgwWindow *window, const char *message)
{
    g_autofree char *title = g_markup_escape_text(message, -1);

    wgw_window_add_toast(window, adw_toast_new(title));
}
