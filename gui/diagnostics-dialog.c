/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/diagnostics-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "gui/escape.h"

struct diagnostics {
    AdwPreferencesWindow *window;
    AdwPreferencesGroup *group;
    GString *text;
};

static void
diagnostics_free(gpointer data)
{
    struct diagnostics *diagnostics = data;

    g_object_unref(diagnostics->window);
    g_string_free(diagnostics->text, TRUE);
    g_free(diagnostics);
}

static void
diagnostics_closure_free(gpointer data, GClosure *closure)
{
    diagnostics_free(data);
}

static void
add_check(struct diagnostics *diagnostics,
          const char *check,
          gboolean passed,
          const char *found,
          const char *advice)
{
    g_autofree char *subtitle =
        *advice ? g_strdup_printf("%s\n%s", found, advice) : g_strdup(found);
    GtkWidget *row = adw_action_row_new();
    GtkWidget *icon =
        gtk_image_new_from_icon_name(passed ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
    /* Said in a word as well, not by the picture alone. */
    GtkWidget *word = gtk_label_new(passed ? _("Passed") : _("Failed"));

    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), check);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
    adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), icon);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), word);
    gtk_widget_add_css_class(icon, passed ? "success" : "warning");
    gtk_widget_add_css_class(word, "dim-label");
    adw_preferences_group_add(diagnostics->group, row);

    g_string_append_printf(diagnostics->text, "[%s] %s: %s%s%s\n", passed ? "ok" : "!!", check,
                           found, *advice ? " -> " : "", advice);
}

static void
on_copy(GtkButton *button, struct diagnostics *diagnostics)
{
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(button)), diagnostics->text->str);
    adw_preferences_window_add_toast(diagnostics->window, adw_toast_new(_("Report copied")));
}

static void
on_diagnosed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct diagnostics *diagnostics = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(GVariantIter) checks = NULL;
    const char *check, *found, *advice;
    gboolean passed;
    GtkWidget *copy;

    if (!reply) {
        adw_preferences_group_set_description(diagnostics->group, error->message);
        diagnostics_free(diagnostics);
        return;
    }
    adw_preferences_group_set_description(diagnostics->group, NULL);
    g_variant_get(reply, "(a(sbss))", &checks);
    while (g_variant_iter_next(checks, "(&sb&s&s)", &check, &passed, &found, &advice))
        add_check(diagnostics, check, passed, found, advice);

    copy = gtk_button_new_with_mnemonic(_("_Copy Report"));
    g_signal_connect_data(copy, "clicked", G_CALLBACK(on_copy), diagnostics,
                          diagnostics_closure_free, 0);
    adw_preferences_group_set_header_suffix(diagnostics->group, copy);
}

void
wgw_diagnostics_dialog_present(GtkWindow *parent, WgwClient *client)
{
    struct diagnostics *diagnostics = g_new0(struct diagnostics, 1);
    GtkWidget *page = adw_preferences_page_new();
    GtkWidget *group = adw_preferences_group_new();

    diagnostics->window = g_object_ref_sink(
        g_object_new(ADW_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "modal", TRUE, "title",
                     _("Diagnostics"), "search-enabled", FALSE, NULL));
    diagnostics->group = ADW_PREFERENCES_GROUP(group);
    diagnostics->text = g_string_new(NULL);
    adw_preferences_group_set_title(diagnostics->group, _("This Machine"));
    adw_preferences_group_set_description(diagnostics->group, _("Looking…"));
    adw_preferences_page_set_title(ADW_PREFERENCES_PAGE(page), _("Diagnostics"));
    adw_preferences_page_add(ADW_PREFERENCES_PAGE(page), diagnostics->group);
    adw_preferences_window_add(diagnostics->window, ADW_PREFERENCES_PAGE(page));
    wgw_close_by_escape(GTK_WINDOW(diagnostics->window));
    gtk_window_present(GTK_WINDOW(diagnostics->window));
    wgw_client_diagnose(client, on_diagnosed, diagnostics);
}
