/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/data-group.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>

#include "gui/complaint.h"
#include "gui/format.h"

struct _WgwDataGroup {
    AdwPreferencesGroup parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;         /* NULL: those that were removed */
    GCancellable *cancellable; /* of the answer that is awaited */
    GSignalGroup *programs;
    GPtrArray *rows; /* GtkWidget *, the group's */
    GVariant *shown; /* aa{sv}, or NULL */
    gboolean refocus;
};

G_DEFINE_FINAL_TYPE(WgwDataGroup, wgw_data_group, ADW_TYPE_PREFERENCES_GROUP)

static void refresh(WgwDataGroup *group);

/* ---- Removal ---- */

/* What is asked about, as the dialog's data. */
struct asked {
    WgwDataGroup *group;
    GtkWidget *row;
    char *profile, *recipe;
};

static void
asked_free(gpointer data, GClosure *closure)
{
    struct asked *asked = data;

    g_object_unref(asked->group);
    g_object_unref(asked->row);
    g_free(asked->profile);
    g_free(asked->recipe);
    g_free(asked);
}

static void
on_removed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwDataGroup) group = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(group));

    if (!reply && root)
        wgw_complain(GTK_WINDOW(root), _("The Data Was Not Removed"), error->message);
    /* The row can be used again, or is no more; in either case it has lost the focus. */
    group->refocus = TRUE;
    g_clear_pointer(&group->shown, g_variant_unref);
    if (group->client)
        refresh(group);
}

static void
on_response(AdwMessageDialog *dialog, const char *response, struct asked *asked)
{
    if (!g_str_equal(response, "remove") || !asked->group->client)
        return;
    gtk_widget_set_sensitive(asked->row, FALSE);
    wgw_client_remove_private_data(asked->group->client, asked->profile, asked->recipe, on_removed,
                                   g_object_ref(asked->group));
}

static void
on_remove(GtkButton *button, WgwDataGroup *group)
{
    GVariant *kept = g_object_get_data(G_OBJECT(button), "kept");
    struct asked *asked = g_new0(struct asked, 1);
    const char *name = "";
    g_autofree char *heading = NULL;
    GtkWidget *dialog;

    g_variant_lookup(kept, "name", "&s", &name);
    g_variant_lookup(kept, "profile", "s", &asked->profile);
    g_variant_lookup(kept, "recipe", "s", &asked->recipe);
    asked->group = g_object_ref(group);
    asked->row = g_object_ref(gtk_widget_get_ancestor(GTK_WIDGET(button), ADW_TYPE_ACTION_ROW));
    heading = g_strdup_printf(_("Remove the Data of %s?"), name);
    dialog =
        adw_message_dialog_new(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(group))), heading, NULL);
    adw_message_dialog_format_body(ADW_MESSAGE_DIALOG(dialog),
                                   _("What it has kept in the tunnel “%s” is deleted for good: "
                                     "settings, history, passwords and all else."),
                                   asked->profile);
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "remove",
                                     _("_Remove"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "remove",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect_data(dialog, "response", G_CALLBACK(on_response), asked, asked_free, 0);
    gtk_window_present(GTK_WINDOW(dialog));
}

/* ---- Rows ---- */

static char *
describe(WgwDataGroup *group, GVariant *kept)
{
    guint64 bytes = 0, changed = 0;
    const char *profile = "";
    g_autofree char *size = NULL;
    g_autofree char *age = NULL;

    g_variant_lookup(kept, "profile", "&s", &profile);
    g_variant_lookup(kept, "size", "t", &bytes);
    g_variant_lookup(kept, "changed", "t", &changed);
    size = g_format_size(bytes);
    age = wgw_format_age(changed);
    return group->tunnel
               /* Translators: "12.3 MB, changed 3 days ago" */
               ? g_strdup_printf(_("%s, changed %s"), size, age)
               /* Translators: "Tunnel “work”: 12.3 MB, changed 3 days ago" */
               : g_strdup_printf(_("Tunnel “%s”: %s, changed %s"), profile, size, age);
}

static GtkWidget *
create_icon(const char *desktop_id)
{
    g_autoptr(GDesktopAppInfo) app = *desktop_id ? g_desktop_app_info_new(desktop_id) : NULL;
    GIcon *icon = app ? g_app_info_get_icon(G_APP_INFO(app)) : NULL;
    GtkWidget *image = icon ? gtk_image_new_from_gicon(icon)
                            : gtk_image_new_from_icon_name("application-x-executable");

    gtk_image_set_pixel_size(GTK_IMAGE(image), 32);
    return image;
}

static GtkWidget *
create_row(WgwDataGroup *group, GVariant *kept)
{
    GtkWidget *row = adw_action_row_new();
    GtkWidget *button = gtk_button_new_from_icon_name("user-trash-symbolic");
    const char *name = "", *desktop_id = "";
    g_autofree char *subtitle = describe(group, kept);
    g_autofree char *label = NULL;

    g_variant_lookup(kept, "name", "&s", &name);
    g_variant_lookup(kept, "desktop-id", "&s", &desktop_id);
    label = g_strdup_printf(_("Remove the Data of %s"), name);
    gtk_widget_set_tooltip_text(button, label);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                   -1);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(button, "flat");
    g_object_set_data_full(G_OBJECT(button), "kept", g_variant_ref(kept),
                           (GDestroyNotify)g_variant_unref);
    g_signal_connect_object(button, "clicked", G_CALLBACK(on_remove), group, 0);
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), name);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
    adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), create_icon(desktop_id));
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), button);
    g_object_set_data(G_OBJECT(row), "button", button);
    return row;
}

static void
clear(WgwDataGroup *group)
{
    for (guint i = 0; i < group->rows->len; i++)
        adw_preferences_group_remove(ADW_PREFERENCES_GROUP(group), group->rows->pdata[i]);
    g_ptr_array_set_size(group->rows, 0);
    g_clear_pointer(&group->shown, g_variant_unref);
    gtk_widget_set_visible(GTK_WIDGET(group), FALSE);
}

static void
show(WgwDataGroup *group, GVariant *list)
{
    if (group->shown && g_variant_equal(group->shown, list))
        return;
    clear(group);
    group->shown = g_variant_ref(list);
    for (gsize i = 0; i < g_variant_n_children(list); i++) {
        g_autoptr(GVariant) kept = g_variant_get_child_value(list, i);
        gboolean removed = FALSE;
        GtkWidget *row;

        g_variant_lookup(kept, "removed", "b", &removed);
        if (!group->tunnel && !removed)
            continue;
        row = create_row(group, kept);
        g_ptr_array_add(group->rows, row);
        adw_preferences_group_add(ADW_PREFERENCES_GROUP(group), row);
    }
    gtk_widget_set_visible(GTK_WIDGET(group), group->rows->len > 0);
    if (group->refocus && group->rows->len > 0)
        gtk_widget_grab_focus(g_object_get_data(group->rows->pdata[0], "button"));
    group->refocus = FALSE;
}

static void
on_listed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwDataGroup) group = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(GVariant) list = reply ? g_variant_get_child_value(reply, 0) : NULL;

    /* Of another tunnel's answer, nothing; of one that is gone or a service of another version, too. */
    if (list)
        show(group, list);
}

static void
refresh(WgwDataGroup *group)
{
    const char *profiles[] = {group->tunnel ? wgw_tunnel_get_name(group->tunnel) : NULL, NULL};

    g_cancellable_cancel(group->cancellable);
    g_set_object(&group->cancellable, NULL);
    group->cancellable = g_cancellable_new();
    wgw_client_list_private_data(group->client, profiles, group->cancellable, on_listed,
                                 g_object_ref(group));
}

static void
on_programs_changed(GListModel *programs, guint at, guint removed, guint added, WgwDataGroup *group)
{
    refresh(group);
}

/* ---- Class ---- */

static void
wgw_data_group_dispose(GObject *object)
{
    WgwDataGroup *group = WGW_DATA_GROUP(object);

    g_cancellable_cancel(group->cancellable);
    g_clear_object(&group->cancellable);
    g_clear_object(&group->programs);
    g_clear_object(&group->tunnel);
    g_clear_object(&group->client);
    G_OBJECT_CLASS(wgw_data_group_parent_class)->dispose(object);
}

static void
wgw_data_group_finalize(GObject *object)
{
    WgwDataGroup *group = WGW_DATA_GROUP(object);

    g_ptr_array_unref(group->rows);
    g_clear_pointer(&group->shown, g_variant_unref);
    G_OBJECT_CLASS(wgw_data_group_parent_class)->finalize(object);
}

static void
wgw_data_group_class_init(WgwDataGroupClass *class)
{
    G_OBJECT_CLASS(class)->dispose = wgw_data_group_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_data_group_finalize;
}

static void
wgw_data_group_init(WgwDataGroup *group)
{
    group->rows = g_ptr_array_new();
    group->programs = g_signal_group_new(G_TYPE_LIST_MODEL);
    g_signal_group_connect(group->programs, "items-changed", G_CALLBACK(on_programs_changed),
                           group);
    gtk_widget_set_visible(GTK_WIDGET(group), FALSE);
}

void
wgw_data_group_set_tunnel(WgwDataGroup *group, WgwClient *client, WgwTunnel *tunnel)
{
    g_return_if_fail(WGW_IS_DATA_GROUP(group));

    clear(group);
    g_set_object(&group->client, client);
    g_set_object(&group->tunnel, tunnel);
    g_signal_group_set_target(group->programs, tunnel ? wgw_tunnel_get_programs(tunnel) : NULL);
    if (tunnel)
        refresh(group);
    else
        g_cancellable_cancel(group->cancellable);
}

void
wgw_data_group_set_removed(WgwDataGroup *group, WgwClient *client)
{
    g_return_if_fail(WGW_IS_DATA_GROUP(group));

    g_set_object(&group->client, client);
    refresh(group);
}
