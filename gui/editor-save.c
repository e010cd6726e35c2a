/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* To save is three questions, each of which may be the last: is the profile on disk what it was, and if
 * not, may it be replaced? What changes in a tunnel that runs, and is that wanted? Does the service take
 * it? A profile may also go, or get another name, while its text is open here. */

#include <glib/gi18n.h>

#include "dbus/error.h"
#include "gui/complaint.h"
#include "gui/editor-private.h"

static void
not_saved(WgwEditor *editor, GError *error)
{
    editor->close_when_saved = FALSE;
    if (g_error_matches(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE) &&
        wgw_problem_list_jump_to_error(editor->problems))
        wgw_editor_toast(editor, _("Not saved: it has mistakes."));
    else
        wgw_complain(GTK_WINDOW(editor), _("The Profile Was Not Saved"), error->message);
}

static void
saved(WgwEditor *editor)
{
    wgw_key_text_free(editor->base);
    editor->base = g_steal_pointer(&editor->sent);
    wgw_draft_set_text(editor->draft, NULL);
    if (!editor->tunnel) {
        GtkWindow *parent = gtk_window_get_transient_for(GTK_WINDOW(editor));
        g_autofree char *message = g_strdup_printf(_("“%s” created."), editor->name);

        if (parent)
            gtk_widget_activate_action(GTK_WIDGET(parent), "win.say", "s", message);
        gtk_window_destroy(GTK_WINDOW(editor));
    } else if (editor->close_when_saved)
        gtk_window_destroy(GTK_WINDOW(editor));
    else {
        wgw_editor_toast(editor, wgw_tunnel_get_active(editor->tunnel)
                                     ? _("Saved, and applied to the tunnel that runs.")
                                     : _("Saved."));
        /* What was typed meanwhile is a change again. */
        wgw_editor_changed(editor);
    }
}

static void
on_saved(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwEditor) editor = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!editor->ready)
        return;
    if (reply) {
        saved(editor);
        return;
    }
    g_clear_pointer(&editor->sent, wgw_key_text_free);
    wgw_editor_update(editor);
    not_saved(editor, error);
}

static void
send(WgwEditor *editor)
{
    if (editor->tunnel)
        wgw_client_update(editor->client, editor->tunnel, editor->sent, on_saved,
                          g_object_ref(editor));
    else
        wgw_client_import(editor->client, editor->name, editor->sent, on_saved,
                          g_object_ref(editor));
}

static void
do_not_save(WgwEditor *editor)
{
    editor->close_when_saved = FALSE;
    g_clear_pointer(&editor->sent, wgw_key_text_free);
    wgw_editor_update(editor);
}

/* ---- What changes live ---- */

static void
on_apply_response(AdwMessageDialog *dialog, const char *response, WgwEditor *editor)
{
    if (g_str_equal(response, "apply"))
        send(editor);
    else
        do_not_save(editor);
}

static void
ask_to_apply(WgwEditor *editor, const char *const *changes)
{
    static const WgwAnswer answers[] = {
        {"cancel", N_("_Cancel"), ADW_RESPONSE_DEFAULT},
        {"apply", N_("_Save and Apply"), ADW_RESPONSE_SUGGESTED},
    };
    g_autoptr(GString) body =
        g_string_new(_("This tunnel runs, and changes at once. Its programs go on."));

    g_string_append_c(body, '\n');
    for (const char *const *change = changes; *change; change++)
        /* Translators: one of several things that change, "addresses 10.0.0.2/32" */
        g_string_append_printf(body, _("\n• %s"), *change);
    wgw_ask(GTK_WINDOW(editor), _("Change the Tunnel?"), body->str, answers, G_N_ELEMENTS(answers),
            G_CALLBACK(on_apply_response));
}

/* Without an answer, Update says why there is none. */
static void
on_changes(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwEditor) editor = user_data;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, NULL);
    g_autofree const char **changes = NULL;

    if (!editor->ready)
        return;
    if (reply)
        g_variant_get(reply, "(^a&s)", &changes);
    if (changes && *changes)
        ask_to_apply(editor, changes);
    else
        send(editor);
}

static void
compare_and_send(WgwEditor *editor)
{
    if (editor->tunnel && wgw_tunnel_get_active(editor->tunnel))
        wgw_client_compare(editor->client, editor->tunnel, editor->sent, on_changes,
                           g_object_ref(editor));
    else
        send(editor);
}

/* ---- What others have written ---- */

static void
on_overwrite_response(AdwMessageDialog *dialog, const char *response, WgwEditor *editor)
{
    if (g_str_equal(response, "overwrite"))
        compare_and_send(editor);
    else
        do_not_save(editor);
}

static void
ask_to_overwrite(WgwEditor *editor)
{
    static const WgwAnswer answers[] = {
        {"overwrite", N_("_Replace"), ADW_RESPONSE_DESTRUCTIVE},
        {"cancel", N_("_Cancel"), ADW_RESPONSE_DEFAULT},
    };

    wgw_ask(
        GTK_WINDOW(editor), _("Changed by Another Program"),
        _("The profile was changed by another program since it was opened here. Saving replaces what "
          "was written there."),
        answers, G_N_ELEMENTS(answers), G_CALLBACK(on_overwrite_response));
}

/* The file on disk is the truth, and others may write it too. */
static void
on_compared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwEditor) editor = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    const char *config = editor->base;

    if (!editor->ready)
        return;
    /* Without an answer, Update says why there is none; a profile that is gone is made anew. */
    if (reply)
        g_variant_get(reply, "(&s)", &config);
    else if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)) {
        g_clear_object(&editor->tunnel);
        editor->gone = TRUE;
    }
    if (g_str_equal(config, editor->base))
        compare_and_send(editor);
    else
        ask_to_overwrite(editor);
}

void
wgw_editor_save(WgwEditor *editor)
{
    if (editor->sent)
        return;
    editor->sent = wgw_editor_dup_text(editor, WGW_KEYS_SHOWN);
    wgw_editor_update(editor);
    if (editor->tunnel)
        wgw_client_get_config(editor->client, editor->tunnel, TRUE, on_compared,
                              g_object_ref(editor));
    else
        send(editor);
}

/* ---- Where the profile is ---- */

static void
on_draft_failed(WgwDraft *draft, const char *message, WgwEditor *editor)
{
    if (editor->ready)
        wgw_editor_toast(editor, message);
}

static void
set_name(WgwEditor *editor, const char *name)
{
    g_free(editor->name);
    editor->name = g_strdup(name);
    g_clear_object(&editor->draft);
    editor->draft = wgw_draft_new(name);
    g_signal_connect_object(editor->draft, "failed", G_CALLBACK(on_draft_failed), editor, 0);
    adw_window_title_set_title(editor->title, name);
}

/* The draft goes along: the new one is there before the old one is not. */
static void
on_moved(WgwClient *client, WgwTunnel *from, WgwTunnel *to, WgwEditor *editor)
{
    g_autoptr(WgwDraft) old = NULL;
    g_autoptr(WgwKeyText) text = NULL;
    g_autofree char *message = NULL;

    if (!editor->tunnel || g_strcmp0(wgw_tunnel_get_name(from), editor->name) != 0)
        return;
    old = g_object_ref(editor->draft);
    set_name(editor, wgw_tunnel_get_name(to));
    g_set_object(&editor->tunnel, to);
    if (editor->ready && editor->modified)
        text = wgw_editor_dup_text(editor, WGW_KEYS_SHOWN);
    else if (editor->found)
        text = g_strdup(editor->found);
    if (text) {
        wgw_draft_set_text(editor->draft, text);
        wgw_draft_set_text(old, NULL);
    }
    message = g_strdup_printf(_("The profile is now called “%s”."), editor->name);
    wgw_editor_toast(editor, message);
}

static void
on_removed(WgwClient *client, WgwTunnel *tunnel, WgwEditor *editor)
{
    if (!editor->tunnel || g_strcmp0(wgw_tunnel_get_name(tunnel), editor->name) != 0)
        return;
    g_clear_object(&editor->tunnel);
    editor->gone = TRUE;
    wgw_editor_changed(editor);
    wgw_editor_toast(editor, _("The profile was removed. Saving makes it anew."));
}

/* With a service that has come back, and with a removal that was undone, the tunnel is another object. */
static void
on_tunnels(GListModel *tunnels, guint position, guint removed, guint added, WgwEditor *editor)
{
    WgwTunnel *tunnel = wgw_client_find_tunnel(editor->client, editor->name);

    if (!tunnel || (!editor->tunnel && !editor->gone))
        return;
    g_set_object(&editor->tunnel, tunnel);
    editor->gone = FALSE;
    wgw_editor_changed(editor);
}

void
wgw_editor_follow(WgwEditor *editor, const char *name)
{
    set_name(editor, name);
    g_signal_connect_object(wgw_client_get_tunnels(editor->client), "items-changed",
                            G_CALLBACK(on_tunnels), editor, 0);
    g_signal_connect_object(editor->client, "moved", G_CALLBACK(on_moved), editor, 0);
    g_signal_connect_object(editor->client, "removed", G_CALLBACK(on_removed), editor, 0);
}

/* ---- Drafts that nobody edits ---- */

static gboolean
is_edited(GtkApplication *application, const char *name)
{
    for (GList *window = gtk_application_get_windows(application); window; window = window->next)
        if (WGW_IS_EDITOR(window->data) && g_strcmp0(WGW_EDITOR(window->data)->name, name) == 0)
            return TRUE;
    return FALSE;
}

static void
on_draft_loaded(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwDraft) draft = user_data;
    gint64 when;
    g_autoptr(WgwKeyText) text = wgw_draft_load_finish(WGW_DRAFT(source), result, &when, NULL);

    if (!text)
        return;
    wgw_draft_set_text(draft, text);
    wgw_draft_set_text(WGW_DRAFT(source), NULL);
}

static void
on_profile_moved(WgwClient *client, WgwTunnel *from, WgwTunnel *to, GtkApplication *application)
{
    g_autoptr(WgwDraft) old = wgw_draft_new(wgw_tunnel_get_name(from));

    if (!is_edited(application, wgw_tunnel_get_name(from)) &&
        !is_edited(application, wgw_tunnel_get_name(to)))
        wgw_draft_load(old, on_draft_loaded, wgw_draft_new(wgw_tunnel_get_name(to)));
}

/* It has keys in it, which would outlive the profile. */
static void
on_profile_removed(WgwClient *client, WgwTunnel *tunnel, GtkApplication *application)
{
    g_autoptr(WgwDraft) draft = wgw_draft_new(wgw_tunnel_get_name(tunnel));

    if (!is_edited(application, wgw_tunnel_get_name(tunnel)))
        wgw_draft_set_text(draft, NULL);
}

void
wgw_editor_keep_drafts(GtkApplication *application, WgwClient *client)
{
    g_signal_connect_object(client, "moved", G_CALLBACK(on_profile_moved), application, 0);
    g_signal_connect_object(client, "removed", G_CALLBACK(on_profile_removed), application, 0);
}
