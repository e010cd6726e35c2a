/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/link-page.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>

#include "dbus/names.h"
#include "gui/complaint.h"
#include "gui/row-name.h"

struct _WgwLinkPage {
    AdwPreferencesPage parent_instance;

    WgwClient *client;
    GVariant *rules; /* a{ss}, or NULL */
    gboolean busy;   /* with the desktop's default */

    AdwActionRow *default_row;
    GtkSwitch *default_switch;
    GtkListBox *list;
    AdwEntryRow *host;
    AdwComboRow *tunnel;
    GtkWidget *add;
    GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE(WgwLinkPage, wgw_link_page, ADW_TYPE_PREFERENCES_PAGE)

/* ---- The desktop's choice ---- */

static const char *const schemes[] = {"x-scheme-handler/http", "x-scheme-handler/https"};

static gboolean
is_ours(GAppInfo *info)
{
    return info && g_strcmp0(g_app_info_get_id(info), WGW_LINKS_ID) == 0;
}

static void
complain(WgwLinkPage *page, GError *error)
{
    wgw_complain(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(page))), _("This Did Not Work"),
                 error->message);
}

/* As the desktop has it now. */
static void
show_default(WgwLinkPage *page)
{
    g_autoptr(GAppInfo) info = g_app_info_get_default_for_type(schemes[1], TRUE);
    g_autoptr(GDesktopAppInfo) ours = g_desktop_app_info_new(WGW_LINKS_ID);

    page->busy = FALSE;
    if (!ours)
        adw_action_row_set_subtitle(page->default_row,
                                    _("“Open in Tunnel” is not among the installed applications."));
    gtk_widget_set_sensitive(GTK_WIDGET(page->default_row), ours != NULL);
    gtk_switch_set_active(page->default_switch, is_ours(info));
    gtk_switch_set_state(page->default_switch, is_ours(info));
}

static void
set_default(WgwLinkPage *page, const char *id)
{
    g_autoptr(GDesktopAppInfo) info = g_desktop_app_info_new(id);
    g_autoptr(GError) error = NULL;

    if (!info)
        error = g_error_new(G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                            _("There is no application “%s” installed."), id);
    for (gsize i = 0; i < G_N_ELEMENTS(schemes) && !error; i++)
        g_app_info_set_as_default_for_type(G_APP_INFO(info), schemes[i], &error);
    if (error)
        complain(page, error);
    show_default(page);
}

/* The browser of before is known to the service; or, switching off, is what it has answered. */
static void
on_browser(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLinkPage) page = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    const char *browser = WGW_LINKS_ID;

    if (!page->client) /* closed meanwhile */
        return;
    if (!reply) {
        complain(page, error);
        show_default(page);
        return;
    }
    if (g_variant_n_children(reply) > 0)
        g_variant_get(reply, "(&s&s)", NULL, &browser);
    set_default(page, browser);
}

/* It moves when that is done. */
static gboolean
on_set_default(GtkSwitch *default_switch, gboolean on, WgwLinkPage *page)
{
    g_autoptr(GAppInfo) before = g_app_info_get_default_for_type(schemes[1], TRUE);

    if (page->busy || on == is_ours(before))
        return TRUE;
    page->busy = TRUE;
    if (!on)
        wgw_client_find_browser(page->client, on_browser, g_object_ref(page));
    else if (before)
        wgw_client_set_setting(page->client, "Browser",
                               g_variant_new_string(g_app_info_get_id(before)), on_browser,
                               g_object_ref(page));
    else
        set_default(page, WGW_LINKS_ID);
    return TRUE;
}

/* ---- Rules ---- */

/* NULL: there is none. */
static void
show_problem(WgwLinkPage *page, const char *problem)
{
    gtk_label_set_label(page->problem, problem ? problem : "");
    gtk_widget_set_visible(GTK_WIDGET(page->problem), problem != NULL);
    if (problem)
        gtk_widget_add_css_class(GTK_WIDGET(page->host), "error");
    else
        gtk_widget_remove_css_class(GTK_WIDGET(page->host), "error");
}

/* The keyboard is where it was: a row that has just gone had it, or the button. */
static void
on_changed(WgwLinkPage *page, GVariant *reply, GError *error)
{
    if (!page->client) /* closed meanwhile */
        return;
    show_problem(page, reply ? NULL : error->message);
    gtk_widget_grab_focus(GTK_WIDGET(page->host));
    gtk_widget_activate_action(GTK_WIDGET(page), "settings.reload", NULL);
}

static void
on_removed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLinkPage) page = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    on_changed(page, reply, error);
}

static void
on_added(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLinkPage) page = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (reply && page->client)
        gtk_editable_set_text(GTK_EDITABLE(page->host), "");
    on_changed(page, reply, error);
}

static void
on_remove(GtkButton *button, WgwLinkPage *page)
{
    wgw_client_remove_link_rule(page->client, g_object_get_data(G_OBJECT(button), "pattern"),
                                on_removed, g_object_ref(page));
}

static void
on_add(GtkWidget *widget, WgwLinkPage *page)
{
    WgwTunnel *tunnel = adw_combo_row_get_selected_item(page->tunnel);

    if (tunnel && gtk_widget_get_sensitive(page->add))
        wgw_client_add_link_rule(page->client, gtk_editable_get_text(GTK_EDITABLE(page->host)),
                                 wgw_tunnel_get_name(tunnel), on_added, g_object_ref(page));
}

static void
on_input(GObject *object, GParamSpec *pspec, WgwLinkPage *page)
{
    show_problem(page, NULL);
    gtk_widget_set_sensitive(page->add, *gtk_editable_get_text(GTK_EDITABLE(page->host)) &&
                                            adw_combo_row_get_selected_item(page->tunnel));
}

static GtkWidget *
create_row(WgwLinkPage *page, const char *pattern, const char *profile)
{
    GtkWidget *row = adw_action_row_new();
    GtkWidget *button = gtk_button_new_from_icon_name("user-trash-symbolic");
    /* Translators: a button's name for screen readers; of a host, such as "*.example.com" */
    g_autofree char *label = g_strdup_printf(_("Remove the Rule: %s"), pattern);
    g_autofree char *subtitle =
        wgw_client_has_tunnel(page->client, profile)
            ? g_strdup(profile)
            : g_strdup_printf(_("“%s” is gone: such links open nowhere."), profile);

    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row),
                                  g_str_equal(pattern, "*") ? _("* (every host)") : pattern);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
    gtk_widget_set_tooltip_text(button, _("Remove the Rule"));
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                   -1);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(button, "flat");
    g_object_set_data_full(G_OBJECT(button), "pattern", g_strdup(pattern), g_free);
    g_signal_connect_object(button, "clicked", G_CALLBACK(on_remove), page, 0);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), button);
    return row;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ---- The tunnels to choose from ---- */

static void
on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
    GtkWidget *label = gtk_label_new(NULL);

    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_list_item_set_child(item, label);
}

static void
on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
    const char *name = wgw_tunnel_get_name(gtk_list_item_get_item(item));

    gtk_label_set_label(GTK_LABEL(gtk_list_item_get_child(item)), name);
    wgw_row_name(item, name, NULL);
}

/* libadwaita 1.2 gives the list in the row no name, nor the one that pops up. */
static void
name_lists(GtkWidget *widget)
{
    if (GTK_IS_LIST_VIEW(widget))
        gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       _("Tunnels"), -1);
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        name_lists(child);
}

/* ---- Class ---- */

static void
wgw_link_page_dispose(GObject *object)
{
    WgwLinkPage *page = WGW_LINK_PAGE(object);

    g_clear_pointer(&page->rules, g_variant_unref);
    g_clear_object(&page->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_LINK_PAGE);
    G_OBJECT_CLASS(wgw_link_page_parent_class)->dispose(object);
}

static void
wgw_link_page_class_init(WgwLinkPageClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_link_page_dispose;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/link-page.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwLinkPage, default_row);
    gtk_widget_class_bind_template_child(widget_class, WgwLinkPage, default_switch);
    gtk_widget_class_bind_template_child(widget_class, WgwLinkPage, list);
    gtk_widget_class_bind_template_child(widget_class, WgwLinkPage, host);
    gtk_widget_class_bind_template_child(widget_class, WgwLinkPage, tunnel);
    gtk_widget_class_bind_template_child(widget_class, WgwLinkPage, add);
    gtk_widget_class_bind_template_child(widget_class, WgwLinkPage, problem);
    gtk_widget_class_bind_template_callback(widget_class, on_set_default);
    gtk_widget_class_bind_template_callback(widget_class, on_input);
    gtk_widget_class_bind_template_callback(widget_class, on_add);
}

static void
wgw_link_page_init(WgwLinkPage *page)
{
    g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();

    gtk_widget_init_template(GTK_WIDGET(page));
    g_signal_connect(factory, "setup", G_CALLBACK(on_setup), NULL);
    g_signal_connect(factory, "bind", G_CALLBACK(on_bind), NULL);
    adw_combo_row_set_factory(page->tunnel, factory);
    name_lists(GTK_WIDGET(page->tunnel));
}

void
wgw_link_page_set_client(WgwLinkPage *page, WgwClient *client)
{
    GtkExpression *name = gtk_property_expression_new(WGW_TYPE_TUNNEL, NULL, "name");
    GtkSorter *sorter = GTK_SORTER(gtk_string_sorter_new(name));
    g_autoptr(GtkSortListModel) tunnels =
        gtk_sort_list_model_new(g_object_ref(wgw_client_get_tunnels(client)), sorter);

    g_return_if_fail(WGW_IS_LINK_PAGE(page) && !page->client);

    page->client = g_object_ref(client);
    adw_combo_row_set_model(page->tunnel, G_LIST_MODEL(tunnels));
    show_default(page);
    on_input(NULL, NULL, page);
}

void
wgw_link_page_set_rules(WgwLinkPage *page, GVariant *rules)
{
    g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func(g_free);
    char *pattern;
    GVariantIter iter;
    GtkWidget *row;

    g_return_if_fail(WGW_IS_LINK_PAGE(page));

    if (page->rules && g_variant_equal(rules, page->rules))
        return;
    g_clear_pointer(&page->rules, g_variant_unref);
    page->rules = g_variant_ref(rules);
    while ((row = GTK_WIDGET(gtk_list_box_get_row_at_index(page->list, 0))))
        gtk_list_box_remove(page->list, row);
    g_variant_iter_init(&iter, rules);
    while (g_variant_iter_next(&iter, "{ss}", &pattern, NULL))
        g_ptr_array_add(patterns, pattern);
    g_ptr_array_sort(patterns, compare);
    for (guint i = 0; i < patterns->len; i++) {
        g_autofree char *profile = NULL;

        g_variant_lookup(rules, patterns->pdata[i], "s", &profile);
        gtk_list_box_append(page->list, create_row(page, patterns->pdata[i], profile));
    }
}
