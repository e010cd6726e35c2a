/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The service has the log, and the window what it was told of it: all there is once, and then each entry
 * as it comes. Both may tell the same, and so does a service that was started anew: what is not later than
 * the last entry is passed over (no two entries of a log have the same time). */

#include "gui/log-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "gui/log-entry.h"
#include "gui/row-name.h"

/* Of entries that are kept here; the service has fewer. */
#define MAX_ENTRIES 2000

#define WGW_TYPE_LOG_WINDOW (wgw_log_window_get_type())
G_DECLARE_FINAL_TYPE(WgwLogWindow, wgw_log_window, WGW, LOG_WINDOW, AdwWindow)

struct _WgwLogWindow {
    AdwWindow parent_instance;

    WgwClient *client;
    char *tunnel;        /* its name */
    GListStore *entries; /* WgwLogEntry */
    GtkMultiSelection *selection;
    GtkStringFilter *filter;
    guint64 last;      /* the latest entry's time */
    gboolean complete; /* what came before was told */
    guint scrolling;   /* to the end, soon */
    double value;      /* of the scrollbar, before */

    AdwWindowTitle *title;
    AdwToastOverlay *toasts;
    GtkToggleButton *follow;
    GtkEditable *search;
    GtkRevealer *error_revealer;
    GtkLabel *error_label;
    GtkStack *stack;
    AdwStatusPage *nothing;
    GtkScrolledWindow *scroller;
    GtkListView *list;
};

G_DEFINE_FINAL_TYPE(WgwLogWindow, wgw_log_window, ADW_TYPE_WINDOW)

/* Called by log-row.ui: a row is read out whole. */
char *wgw_log_window_get_message(GtkListItem *item, const char *heading, const char *message);

char *
wgw_log_window_get_message(GtkListItem *item, const char *heading, const char *message)
{
    g_autofree char *name = heading ? g_strdup_printf("%s: %s", heading, message) : NULL;

    wgw_row_name(item, name, NULL);
    return g_strdup(message);
}

/* ---- Entries ---- */

static void
update_stack(WgwLogWindow *window)
{
    gboolean none = g_list_model_get_n_items(G_LIST_MODEL(window->selection)) == 0;
    gboolean empty = g_list_model_get_n_items(G_LIST_MODEL(window->entries)) == 0;

    adw_status_page_set_title(window->nothing,
                              empty ? _("Nothing Has Happened Yet") : _("Nothing Is Found"));
    adw_status_page_set_description(window->nothing,
                                    empty ? _("When the tunnel is opened, this is where it tells.")
                                          : _("No entry of the log has these words."));
    gtk_stack_set_visible_child_name(window->stack, none ? "nothing" : "entries");
    gtk_widget_action_set_enabled(GTK_WIDGET(window), "log.copy", !none);
}

static void
add(WgwLogWindow *window, guint64 time, const char *severity, const char *message)
{
    g_autoptr(WgwLogEntry) entry = NULL;

    if (time <= window->last)
        return;
    window->last = time;
    entry = wgw_log_entry_new(time, severity, message);
    g_list_store_append(window->entries, entry);
    if (g_list_model_get_n_items(G_LIST_MODEL(window->entries)) > MAX_ENTRIES)
        g_list_store_remove(window->entries, 0);
}

static void
on_log(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLogWindow) window = user_data;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, NULL);
    g_autoptr(GVariantIter) iter = NULL;
    const char *severity, *message;
    guint64 time;

    /* A service that cannot be reached is told by its own line, and asked again when it is back. */
    if (!reply || !window->client)
        return;
    g_variant_get(reply, "(a(tss))", &iter);
    while (g_variant_iter_next(iter, "(t&s&s)", &time, &severity, &message))
        add(window, time, severity, message);
    window->complete = TRUE;
    update_stack(window);
}

static void
ask(WgwLogWindow *window)
{
    WgwTunnel *tunnel = wgw_client_find_tunnel(window->client, window->tunnel);

    window->complete = FALSE;
    if (tunnel)
        wgw_client_get_log(window->client, tunnel, window->last, on_log, g_object_ref(window));
}

/* Before the answer to the question for what there is, it would have that passed over. */
static void
on_logged(WgwClient *client,
          WgwTunnel *tunnel,
          guint64 time,
          const char *severity,
          const char *message,
          WgwLogWindow *window)
{
    if (window->complete && g_strcmp0(wgw_tunnel_get_name(tunnel), window->tunnel) == 0)
        add(window, time, severity, message);
}

static void
on_error(WgwClient *client, GParamSpec *pspec, WgwLogWindow *window)
{
    const char *error = wgw_client_get_error(client);

    if (error)
        gtk_label_set_label(window->error_label, error);
    gtk_revealer_set_reveal_child(window->error_revealer, error != NULL);
    if (!error)
        ask(window);
}

static void
on_moved(WgwClient *client, WgwTunnel *from, WgwTunnel *to, WgwLogWindow *window)
{
    if (g_strcmp0(wgw_tunnel_get_name(from), window->tunnel) != 0)
        return;
    g_free(window->tunnel);
    window->tunnel = g_strdup(wgw_tunnel_get_name(to));
    adw_window_title_set_subtitle(window->title, window->tunnel);
    ask(window);
}

static void
on_removed(WgwClient *client, WgwTunnel *tunnel, WgwLogWindow *window)
{
    g_autofree char *text = NULL;

    if (g_strcmp0(wgw_tunnel_get_name(tunnel), window->tunnel) != 0)
        return;
    text = g_strdup_printf(_("“%s” was removed."), window->tunnel);
    adw_window_title_set_subtitle(window->title, text);
}

static void
on_items(GListModel *model, guint position, guint removed, guint added, WgwLogWindow *window)
{
    update_stack(window);
}

/* ---- Following ---- */

static GtkAdjustment *
get_adjustment(WgwLogWindow *window)
{
    return gtk_scrolled_window_get_vadjustment(window->scroller);
}

static gboolean
on_idle(gpointer user_data)
{
    WgwLogWindow *window = user_data;
    guint n = g_list_model_get_n_items(G_LIST_MODEL(window->selection));

    window->scrolling = 0;
    if (n > 0)
        gtk_widget_activate_action(GTK_WIDGET(window->list), "list.scroll-to-item", "u", n - 1);
    return G_SOURCE_REMOVE;
}

/* Later: a list view that is just being laid out would not hear of it. */
static void
scroll_to_end(WgwLogWindow *window)
{
    if (window->scrolling == 0)
        window->scrolling = g_idle_add(on_idle, window);
}

static gboolean
is_at_end(GtkAdjustment *adjustment)
{
    return gtk_adjustment_get_value(adjustment) + gtk_adjustment_get_page_size(adjustment) >=
           gtk_adjustment_get_upper(adjustment) - 1;
}

/* The list has another height: by an entry, by the window's size, or because what was guessed of rows that
 * were not shown yet is known now. */
static void
on_height(GtkAdjustment *adjustment, WgwLogWindow *window)
{
    if (gtk_toggle_button_get_active(window->follow))
        scroll_to_end(window);
    else if (is_at_end(adjustment))
        gtk_toggle_button_set_active(window->follow, TRUE);
}

/* Who scrolls up wants to read; who comes back to the end wants to follow. */
static void
on_scrolled(GtkAdjustment *adjustment, WgwLogWindow *window)
{
    double value = gtk_adjustment_get_value(adjustment);

    if (is_at_end(adjustment))
        gtk_toggle_button_set_active(window->follow, TRUE);
    else if (value < window->value)
        gtk_toggle_button_set_active(window->follow, FALSE);
    window->value = value;
}

static void
on_follow(GtkToggleButton *button, WgwLogWindow *window)
{
    if (gtk_toggle_button_get_active(button))
        scroll_to_end(window);
}

/* ---- What the person does ---- */

static void
on_search(GtkEditable *entry, WgwLogWindow *window)
{
    gtk_string_filter_set_search(window->filter, gtk_editable_get_text(entry));
}

/* What is selected, or all that is shown. The service's log has no keys in it. */
static void
copy_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwLogWindow *window = WGW_LOG_WINDOW(widget);
    GtkSelectionModel *model = GTK_SELECTION_MODEL(window->selection);
    g_autoptr(GtkBitset) selected = gtk_selection_model_get_selection(model);
    gboolean all = gtk_bitset_is_empty(selected);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(model)); i++) {
        g_autoptr(WgwLogEntry) entry = g_list_model_get_item(G_LIST_MODEL(model), i);

        if (all || gtk_bitset_contains(selected, i))
            g_string_append_printf(text, "%s\n", wgw_log_entry_get_line(entry));
    }
    gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text->str);
    adw_toast_overlay_add_toast(
        window->toasts, adw_toast_new(all ? _("Log copied") : _("Selected entries copied")));
}

static void
search_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    gtk_widget_grab_focus(GTK_WIDGET(WGW_LOG_WINDOW(widget)->search));
}

/* Escape in the entry: first what is typed goes, then the window. */
static void
on_stop_search(GtkSearchEntry *entry, WgwLogWindow *window)
{
    if (*gtk_editable_get_text(window->search))
        gtk_editable_set_text(window->search, "");
    else
        gtk_window_close(GTK_WINDOW(window));
}

/* ---- Class ---- */

static void
wgw_log_window_dispose(GObject *object)
{
    WgwLogWindow *window = WGW_LOG_WINDOW(object);

    g_clear_handle_id(&window->scrolling, g_source_remove);
    g_clear_object(&window->client);
    g_clear_object(&window->entries);
    g_clear_object(&window->selection);
    g_clear_object(&window->filter);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_LOG_WINDOW);
    G_OBJECT_CLASS(wgw_log_window_parent_class)->dispose(object);
}

static void
wgw_log_window_finalize(GObject *object)
{
    g_free(WGW_LOG_WINDOW(object)->tunnel);
    G_OBJECT_CLASS(wgw_log_window_parent_class)->finalize(object);
}

static void
wgw_log_window_class_init(WgwLogWindowClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_log_window_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_log_window_finalize;
    g_type_ensure(WGW_TYPE_LOG_ENTRY);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/log-window.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, title);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, toasts);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, follow);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, search);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, error_revealer);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, error_label);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, stack);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, nothing);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, scroller);
    gtk_widget_class_bind_template_child(widget_class, WgwLogWindow, list);
    gtk_widget_class_install_action(widget_class, "log.copy", NULL, copy_action);
    gtk_widget_class_install_action(widget_class, "log.search", NULL, search_action);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "log.copy",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "log.search",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
wgw_log_window_init(WgwLogWindow *window)
{
    GListModel *filtered;

    gtk_widget_init_template(GTK_WIDGET(window));
    window->entries = g_list_store_new(WGW_TYPE_LOG_ENTRY);
    window->filter =
        gtk_string_filter_new(gtk_property_expression_new(WGW_TYPE_LOG_ENTRY, NULL, "line"));
    filtered = G_LIST_MODEL(gtk_filter_list_model_new(G_LIST_MODEL(g_object_ref(window->entries)),
                                                      GTK_FILTER(g_object_ref(window->filter))));
    window->selection = gtk_multi_selection_new(filtered);
    gtk_list_view_set_model(window->list, GTK_SELECTION_MODEL(window->selection));
    g_signal_connect_object(window->selection, "items-changed", G_CALLBACK(on_items), window, 0);
    g_signal_connect_object(window->search, "changed", G_CALLBACK(on_search), window, 0);
    g_signal_connect_object(window->search, "stop-search", G_CALLBACK(on_stop_search), window, 0);
    g_signal_connect_object(window->follow, "toggled", G_CALLBACK(on_follow), window, 0);
    g_signal_connect_object(get_adjustment(window), "changed", G_CALLBACK(on_height), window, 0);
    g_signal_connect_object(get_adjustment(window), "value-changed", G_CALLBACK(on_scrolled),
                            window, 0);
}

void
wgw_log_window_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel)
{
    GtkApplication *application = gtk_window_get_application(parent);
    WgwLogWindow *window;

    for (GList *known = gtk_application_get_windows(application); known; known = known->next)
        if (WGW_IS_LOG_WINDOW(known->data) &&
            g_str_equal(WGW_LOG_WINDOW(known->data)->tunnel, wgw_tunnel_get_name(tunnel))) {
            gtk_window_present(known->data);
            return;
        }
    window = g_object_new(WGW_TYPE_LOG_WINDOW, "transient-for", parent, "application", application,
                          NULL);
    window->client = g_object_ref(client);
    window->tunnel = g_strdup(wgw_tunnel_get_name(tunnel));
    adw_window_title_set_subtitle(window->title, window->tunnel);
    g_signal_connect_object(client, "logged", G_CALLBACK(on_logged), window, 0);
    g_signal_connect_object(client, "notify::error", G_CALLBACK(on_error), window, 0);
    g_signal_connect_object(client, "moved", G_CALLBACK(on_moved), window, 0);
    g_signal_connect_object(client, "removed", G_CALLBACK(on_removed), window, 0);
    update_stack(window);
    on_error(client, NULL, window);
    gtk_window_present(GTK_WINDOW(window));
}
