/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/program-row.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>
#include <signal.h>

#include "gui/accessible.h"
#include "gui/complaint.h"
#include "gui/format.h"

/* For what it has to save. */
#define PATIENCE_US (10 * G_USEC_PER_SEC)

struct _WgwProgramRow {
    AdwActionRow parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;
    WgwProgram *program;
    char *name;
    GtkWidget *stop;
    gint64 asked; /* to end, monotonic; 0: not yet */
    gboolean impatient;
};

G_DEFINE_FINAL_TYPE(WgwProgramRow, wgw_program_row, ADW_TYPE_ACTION_ROW)

/* Takes @name, which is for those who do not see the row. */
static void
set_button(WgwProgramRow *row, const char *label, char *name)
{
    gtk_button_set_label(GTK_BUTTON(row->stop), label);
    wgw_accessible_name_button(GTK_BUTTON(row->stop), name);
    g_free(name);
}

static void
on_signal_sent(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwProgramRow) row = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(row));

    /* With the program the row has gone. */
    if (!reply && root)
        wgw_complain(GTK_WINDOW(root), _("This Did Not Work"), error->message);
}

static void
on_stop(GtkButton *button, WgwProgramRow *row)
{
    if (row->asked == 0)
        row->asked = g_get_monotonic_time();
    wgw_client_signal(row->client, row->tunnel, wgw_program_get_pid(row->program),
                      row->impatient ? SIGKILL : SIGTERM, on_signal_sent, g_object_ref(row));
    wgw_program_row_update(row);
}

static void
wgw_program_row_dispose(GObject *object)
{
    WgwProgramRow *row = WGW_PROGRAM_ROW(object);

    g_clear_object(&row->program);
    g_clear_object(&row->tunnel);
    g_clear_object(&row->client);
    G_OBJECT_CLASS(wgw_program_row_parent_class)->dispose(object);
}

static void
wgw_program_row_finalize(GObject *object)
{
    g_free(WGW_PROGRAM_ROW(object)->name);
    G_OBJECT_CLASS(wgw_program_row_parent_class)->finalize(object);
}

static void
wgw_program_row_class_init(WgwProgramRowClass *class)
{
    G_OBJECT_CLASS(class)->dispose = wgw_program_row_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_program_row_finalize;
}

static void
wgw_program_row_init(WgwProgramRow *row)
{
}

/* What was run by name is known as an application, too, if it bears that name. (transfer full), or NULL. */
static GDesktopAppInfo *
find_application(WgwProgram *program)
{
    const char *id = wgw_program_get_desktop_id(program);
    g_autofree char *by_name = g_strconcat(wgw_program_get_name(program), ".desktop", NULL);

    return g_desktop_app_info_new(*id ? id : by_name);
}

GtkWidget *
wgw_program_row_new(WgwClient *client, WgwTunnel *tunnel, WgwProgram *program)
{
    WgwProgramRow *row = g_object_new(WGW_TYPE_PROGRAM_ROW, "use-markup", FALSE, NULL);
    g_autoptr(GDesktopAppInfo) app = find_application(program);
    GIcon *icon = app ? g_app_info_get_icon(G_APP_INFO(app)) : NULL;
    g_autoptr(GIcon) fallback = g_themed_icon_new("application-x-executable");
    GtkWidget *image = gtk_image_new_from_gicon(icon ? icon : fallback);
    g_autofree char *tooltip = NULL;

    row->client = g_object_ref(client);
    row->tunnel = g_object_ref(tunnel);
    row->program = g_object_ref(program);
    row->name = g_strdup(*wgw_program_get_desktop_id(program) && app
                             ? g_app_info_get_display_name(G_APP_INFO(app))
                             : wgw_program_get_name(program));
    row->stop = gtk_button_new_with_mnemonic("");
    gtk_image_set_pixel_size(GTK_IMAGE(image), 32);
    gtk_widget_set_valign(row->stop, GTK_ALIGN_CENTER);
    set_button(row, _("_Stop"), g_strdup_printf(_("Stop %s"), row->name));
    g_signal_connect_object(row->stop, "clicked", G_CALLBACK(on_stop), row, 0);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), row->name);
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), image);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), row->stop);
    /* Translators: a program's process ID */
    tooltip = g_strdup_printf(_("Process %u"), wgw_program_get_pid(program));
    gtk_widget_set_tooltip_text(image, tooltip);
    wgw_program_row_update(row);
    return GTK_WIDGET(row);
}

void
wgw_program_row_update(WgwProgramRow *row)
{
    guint64 started = wgw_program_get_started(row->program);
    g_autofree char *age = started > 0 ? wgw_format_age(started) : NULL;
    guint pid = wgw_program_get_pid(row->program);
    g_autofree char *subtitle =
        age ? g_strdup_printf(_("Started %s"), age) : g_strdup_printf(_("Process %u"), pid);

    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), row->impatient
                                                         ? _("It does not end when it is asked to")
                                                     : row->asked > 0 ? _("It was asked to end")
                                                                      : subtitle);
    if (row->asked > 0 && !row->impatient && g_get_monotonic_time() - row->asked > PATIENCE_US) {
        row->impatient = TRUE;
        gtk_widget_add_css_class(row->stop, "destructive-action");
        set_button(row, _("_Kill"), g_strdup_printf(_("Kill %s"), row->name));
    }
}
