/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* A profile's text has two forms here (key-mask.h): the service's, with its keys, and the buffer's,
 * where words stand for keys until the user asks to see them. What differs from "base", as it was
 * read or saved last, is a change that nobody has saved. Soon after each change the text is checked
 * by the service and kept as a draft. The form (config-form.h) is another view of the same buffer. */

#include "gui/editor.h"

#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>

#include "gui/complaint.h"
#include "gui/config-lines.h"
#include "gui/editor-private.h"
#include "gui/key-mask.h"
#include "gui/text-edit.h"

/* After the last change, in ms: no check in the middle of a word. */
#define PAUSE 250
/* A tag for all of the text: in a key that is broken into lines a hyphen would be read as a part of it. */
#define WITHOUT_HYPHENS "without-hyphens"

G_DEFINE_FINAL_TYPE(WgwEditor, wgw_editor, ADW_TYPE_WINDOW)

/* As it is shown. */
static char *
dup_buffer(WgwEditor *editor)
{
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(editor->buffer, &start, &end);
    return gtk_text_buffer_get_text(editor->buffer, &start, &end, TRUE);
}

char *
wgw_editor_dup_text(WgwEditor *editor, WgwKeyForm form)
{
    g_autoptr(WgwKeyText) text = dup_buffer(editor);

    return wgw_key_mask_convert(editor->mask, text, form);
}

static void
set_text(WgwEditor *editor, const char *text)
{
    g_autoptr(WgwKeyText) hidden = wgw_key_mask_convert(editor->mask, text, WGW_KEYS_HIDDEN);
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(editor->buffer, &start, &end);
    gtk_text_buffer_delete(editor->buffer, &start, &end);
    gtk_text_buffer_insert(editor->buffer, &start, hidden, -1);
    gtk_text_buffer_get_start_iter(editor->buffer, &start);
    gtk_text_buffer_place_cursor(editor->buffer, &start);
}

void
wgw_editor_toast(WgwEditor *editor, const char *message)
{
    g_autofree char *title = g_markup_escape_text(message, -1);

    adw_toast_overlay_add_toast(editor->toasts, adw_toast_new(title));
}

/* A question that is closing would not notice that its parent goes. */
static void
leave(WgwEditor *editor, AdwMessageDialog *dialog)
{
    gtk_window_set_transient_for(GTK_WINDOW(dialog), NULL);
    gtk_window_destroy(GTK_WINDOW(editor));
}

/* ---- What follows a change ---- */

static void
on_checked(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwEditor) editor = user_data;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, NULL);
    g_autoptr(GVariant) problems = NULL;

    /* A service that cannot be reached is the main window's to tell. */
    if (!reply || !editor->ready)
        return;
    problems = g_variant_get_child_value(reply, 0);
    wgw_problem_list_set_problems(editor->problems, problems);
    wgw_config_form_set_problems(editor->form, problems);
}

static gboolean
on_pause(gpointer user_data)
{
    WgwEditor *editor = user_data;
    g_autoptr(WgwKeyText) checked = wgw_editor_dup_text(editor, WGW_KEYS_CHECKED);
    g_autoptr(WgwKeyText) text = wgw_editor_dup_text(editor, WGW_KEYS_SHOWN);

    editor->pause = 0;
    wgw_draft_set_text(editor->draft, editor->modified ? text : NULL);
    g_set_object(&editor->check, NULL);
    editor->check = g_cancellable_new();
    wgw_client_check(editor->client, checked, editor->check, on_checked, g_object_ref(editor));
    return G_SOURCE_REMOVE;
}

static char *
dup_private_key(const char *text)
{
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));

    return wgw_config_lines_dup_value(lines, WGW_CONFIG_INTERFACE, "PrivateKey");
}

static void
update_public_key(WgwEditor *editor, const char *text)
{
    g_autoptr(WgwKeyText) private_key = dup_private_key(text);

    g_free(editor->public_key);
    editor->public_key = g_strdup(g_hash_table_lookup(editor->public_keys, private_key));
    gtk_label_set_label(editor->key_label, editor->public_key ? editor->public_key : "");
    gtk_widget_set_visible(editor->key_row, !editor->tunnel && editor->public_key);
    wgw_config_form_set_public_key(editor->form, editor->public_key);
}

void
wgw_editor_update(WgwEditor *editor)
{
    g_autoptr(WgwKeyText) text = wgw_editor_dup_text(editor, WGW_KEYS_SHOWN);

    editor->modified = editor->gone || !g_str_equal(text, editor->base);
    adw_window_title_set_subtitle(editor->title, editor->gone       ? _("Removed")
                                                 : !editor->tunnel  ? _("New tunnel")
                                                 : editor->modified ? _("Unsaved changes")
                                                                    : _("Profile"));
    gtk_widget_action_set_enabled(GTK_WIDGET(editor), "editor.save",
                                  editor->modified && !editor->sent);
    update_public_key(editor, text);
}

void
wgw_editor_changed(WgwEditor *editor)
{
    if (!editor->ready)
        return;
    wgw_editor_update(editor);
    g_cancellable_cancel(editor->check);
    g_clear_handle_id(&editor->pause, g_source_remove);
    editor->pause = g_timeout_add(PAUSE, on_pause, editor);
}

static void
on_changed(GtkTextBuffer *buffer, WgwEditor *editor)
{
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(buffer, &start, &end);
    gtk_text_buffer_apply_tag_by_name(buffer, WITHOUT_HYPHENS, &start, &end);
    wgw_editor_changed(editor);
}

/* ---- Keys ---- */

static void
on_show_keys(GtkToggleButton *button, GParamSpec *pspec, WgwEditor *editor)
{
    g_autoptr(WgwKeyText) text = dup_buffer(editor);
    g_autoptr(GArray) plan =
        wgw_key_mask_plan(editor->mask, text,
                          gtk_toggle_button_get_active(button) ? WGW_KEYS_SHOWN : WGW_KEYS_HIDDEN);

    wgw_text_edit_apply(editor->buffer, text, plan);
}

static void
follow_keys(WgwEditor *editor)
{
    g_autoptr(WgwKeyText) text = dup_buffer(editor);
    g_autoptr(GArray) hidden = wgw_key_mask_plan(editor->mask, text, WGW_KEYS_SHOWN);
    g_autoptr(GArray) shown = wgw_key_mask_plan(editor->mask, text, WGW_KEYS_HIDDEN);

    if (hidden->len == 0 && shown->len == 0)
        return;
    g_signal_handlers_block_by_func(editor->show_keys, on_show_keys, editor);
    gtk_toggle_button_set_active(editor->show_keys, hidden->len == 0);
    g_signal_handlers_unblock_by_func(editor->show_keys, on_show_keys, editor);
}

/* That keys were shown or hidden can be undone like all else; the button then follows. */
static void
on_history(GtkTextBuffer *buffer, WgwEditor *editor)
{
    follow_keys(editor);
}

static void
on_revealed(WgwConfigForm *form, gpointer user_data)
{
    follow_keys(user_data);
}

static void
on_generated(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwEditor) editor = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(WgwKeyText) text = NULL;
    const char *private_key, *public_key;

    if (!editor->ready)
        return;
    if (!reply) {
        wgw_complain(GTK_WINDOW(editor), _("No Key Was Made"), error->message);
        return;
    }
    g_variant_get(reply, "(&s&s)", &private_key, &public_key);
    g_hash_table_insert(editor->public_keys, g_strdup(private_key), g_strdup(public_key));
    text = dup_buffer(editor);
    wgw_config_form_set_private_key(editor->form,
                                    gtk_toggle_button_get_active(editor->show_keys)
                                        ? private_key
                                        : wgw_key_mask_get_word(editor->mask, private_key, text));
}

static void
on_generate(WgwConfigForm *form, gpointer user_data)
{
    WgwEditor *editor = user_data;

    wgw_client_generate_key(editor->client, on_generated, g_object_ref(editor));
}

static void
on_copy_key(GtkWidget *widget, gpointer user_data)
{
    WgwEditor *editor = user_data;

    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(editor)), editor->public_key);
    wgw_editor_toast(editor, _("Public key copied"));
}

/* ---- Closing ---- */

static void
on_close_response(AdwMessageDialog *dialog, const char *response, WgwEditor *editor)
{
    if (g_str_equal(response, "save")) {
        editor->close_when_saved = TRUE;
        wgw_editor_save(editor);
    } else if (g_str_equal(response, "discard")) {
        wgw_draft_set_text(editor->draft, NULL);
        leave(editor, dialog);
    }
}

static gboolean
wgw_editor_close_request(GtkWindow *window)
{
    static const WgwAnswer answers[] = {
        {"cancel", N_("_Cancel"), ADW_RESPONSE_DEFAULT},
        {"discard", N_("_Discard"), ADW_RESPONSE_DESTRUCTIVE},
        {"save", N_("_Save"), ADW_RESPONSE_SUGGESTED},
    };
    WgwEditor *editor = WGW_EDITOR(window);

    if (!editor->modified) {
        /* What was changed and changed back. */
        if (editor->ready)
            wgw_draft_set_text(editor->draft, NULL);
        return GTK_WINDOW_CLASS(wgw_editor_parent_class)->close_request(window);
    }
    wgw_ask(GTK_WINDOW(editor), _("Save Changes?"),
            _("There are changes that were not saved. They are lost if they are discarded."),
            answers, G_N_ELEMENTS(answers), G_CALLBACK(on_close_response));
    return TRUE;
}

/* ---- Opening ---- */

static void
begin_editing(WgwEditor *editor)
{
    editor->ready = TRUE;
    gtk_text_view_set_editable(editor->view, TRUE);
    wgw_config_form_set_editable(editor->form, TRUE);
    wgw_editor_choose_view(editor);
    wgw_editor_changed(editor);
}

static void
on_found_response(AdwMessageDialog *dialog, const char *response, WgwEditor *editor)
{
    /* Neither: the draft stays for the next time. */
    if (g_str_equal(response, "cancel")) {
        leave(editor, dialog);
        return;
    }
    if (g_str_equal(response, "restore")) {
        gtk_text_buffer_begin_user_action(editor->buffer);
        set_text(editor, editor->found);
        gtk_text_buffer_end_user_action(editor->buffer);
    } else
        wgw_draft_set_text(editor->draft, NULL);
    g_clear_pointer(&editor->found, wgw_key_text_free);
    begin_editing(editor);
}

static void
ask_to_restore(WgwEditor *editor, gint64 when)
{
    static const WgwAnswer answers[] = {
        {"discard", N_("_Discard"), ADW_RESPONSE_DESTRUCTIVE},
        {"restore", N_("_Restore"), ADW_RESPONSE_SUGGESTED},
    };
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(when);
    g_autofree char *date = time ? g_date_time_format(time, "%x %X") : g_strdup("");
    g_autofree char *body =
        g_strdup_printf(_("Unsaved changes of “%s” from %s were found."), editor->name, date);

    wgw_ask(GTK_WINDOW(editor), _("Restore Unsaved Changes?"), body, answers, G_N_ELEMENTS(answers),
            G_CALLBACK(on_found_response));
}

static void
on_draft(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwEditor) editor = user_data;
    g_autoptr(GError) error = NULL;
    gint64 when = 0;

    editor->found = wgw_draft_load_finish(WGW_DRAFT(source), result, &when, &error);
    gtk_window_present(GTK_WINDOW(editor));
    if (editor->found && !g_str_equal(editor->found, editor->base)) {
        ask_to_restore(editor, when);
        return;
    }
    begin_editing(editor);
    if (error)
        wgw_complain(GTK_WINDOW(editor), _("Unsaved Changes Cannot Be Read"), error->message);
}

/* @base is what is saved, @text what to begin with. */
static void
begin(WgwEditor *editor, const char *base, const char *text)
{
    g_autofree char *public_key = NULL;

    editor->base = g_strdup(base);
    if (editor->tunnel) {
        g_object_get(editor->tunnel, "public-key", &public_key, NULL);
        if (public_key && *public_key)
            g_hash_table_insert(editor->public_keys, dup_private_key(base),
                                g_steal_pointer(&public_key));
    }
    gtk_text_buffer_begin_irreversible_action(editor->buffer);
    set_text(editor, text);
    gtk_text_buffer_end_irreversible_action(editor->buffer);
    wgw_draft_load(editor->draft, on_draft, g_object_ref(editor));
}

static void
on_config(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwEditor) editor = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    const char *config;

    if (!reply) {
        wgw_complain(gtk_window_get_transient_for(GTK_WINDOW(editor)),
                     _("The Profile Cannot Be Read"), error->message);
        gtk_window_destroy(GTK_WINDOW(editor));
        return;
    }
    g_variant_get(reply, "(&s)", &config);
    begin(editor, config, config);
}

/* ---- Class ---- */

static void
save_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_editor_save(WGW_EDITOR(widget));
}

static void
view_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    wgw_editor_change_view(WGW_EDITOR(widget));
}

static void
history_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    if (g_str_equal(name, "editor.undo"))
        gtk_text_buffer_undo(WGW_EDITOR(widget)->buffer);
    else
        gtk_text_buffer_redo(WGW_EDITOR(widget)->buffer);
}

static void
on_can_undo(GtkTextBuffer *buffer, GParamSpec *pspec, WgwEditor *editor)
{
    gtk_widget_action_set_enabled(GTK_WIDGET(editor), "editor.undo",
                                  gtk_text_buffer_get_can_undo(buffer));
    gtk_widget_action_set_enabled(GTK_WIDGET(editor), "editor.redo",
                                  gtk_text_buffer_get_can_redo(buffer));
}

static void
on_dark(AdwStyleManager *manager, GParamSpec *pspec, WgwEditor *editor)
{
    gtk_source_buffer_set_style_scheme(
        GTK_SOURCE_BUFFER(editor->buffer),
        gtk_source_style_scheme_manager_get_scheme(
            gtk_source_style_scheme_manager_get_default(),
            adw_style_manager_get_dark(manager) ? "Adwaita-dark" : "Adwaita"));
}

/* In GtkSourceView 5.6 what draws in a gutter keeps the view, and with it the text and its keys; and so do
 * the lines that were drawn, until the gutter is drawn without any. */
static void
empty_gutter(GtkSourceView *view)
{
    GtkSourceGutter *gutter = gtk_source_view_get_gutter(view, GTK_TEXT_WINDOW_LEFT);
    g_autoptr(GtkSnapshot) snapshot = gtk_snapshot_new();
    GtkWidget *renderer;

    while ((renderer = gtk_widget_get_first_child(GTK_WIDGET(gutter))))
        gtk_source_gutter_remove(gutter, GTK_SOURCE_GUTTER_RENDERER(renderer));
    GTK_WIDGET_GET_CLASS(gutter)->snapshot(GTK_WIDGET(gutter), snapshot);
}

static void
wgw_editor_dispose(GObject *object)
{
    WgwEditor *editor = WGW_EDITOR(object);

    if (editor->view)
        empty_gutter(GTK_SOURCE_VIEW(editor->view));
    editor->ready = FALSE;
    g_clear_handle_id(&editor->pause, g_source_remove);
    g_cancellable_cancel(editor->check);
    g_clear_object(&editor->check);
    g_clear_object(&editor->draft);
    g_clear_object(&editor->tunnel);
    g_clear_object(&editor->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_EDITOR);
    G_OBJECT_CLASS(wgw_editor_parent_class)->dispose(object);
}

static void
wgw_editor_finalize(GObject *object)
{
    WgwEditor *editor = WGW_EDITOR(object);

    wgw_key_text_free(editor->base);
    wgw_key_text_free(editor->sent);
    wgw_key_text_free(editor->found);
    g_hash_table_unref(editor->public_keys);
    wgw_key_mask_free(editor->mask);
    g_free(editor->public_key);
    g_free(editor->name);
    G_OBJECT_CLASS(wgw_editor_parent_class)->finalize(object);
}

static void
wgw_editor_class_init(WgwEditorClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    gtk_source_init();
    g_type_ensure(GTK_SOURCE_TYPE_VIEW);
    g_type_ensure(WGW_TYPE_PROBLEM_LIST);
    g_type_ensure(WGW_TYPE_CONFIG_FORM);
    G_OBJECT_CLASS(class)->dispose = wgw_editor_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_editor_finalize;
    GTK_WINDOW_CLASS(class)->close_request = wgw_editor_close_request;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/editor.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, title);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, toasts);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, show_keys);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, key_row);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, key_label);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, view);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, views);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, form);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, buffer);
    gtk_widget_class_bind_template_child(widget_class, WgwEditor, problems);
    gtk_widget_class_bind_template_callback(widget_class, on_copy_key);
    gtk_widget_class_bind_template_callback(widget_class, on_generate);
    gtk_widget_class_bind_template_callback(widget_class, on_revealed);
    gtk_widget_class_install_action(widget_class, "editor.save", NULL, save_action);
    gtk_widget_class_install_action(widget_class, "editor.view", NULL, view_action);
    gtk_widget_class_install_action(widget_class, "editor.undo", NULL, history_action);
    gtk_widget_class_install_action(widget_class, "editor.redo", NULL, history_action);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "editor.save",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_t, GDK_CONTROL_MASK, "editor.view",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "editor.undo",
                                        NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                        "editor.redo", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
wgw_editor_init(WgwEditor *editor)
{
    AdwStyleManager *style = adw_style_manager_get_default();

    gtk_widget_init_template(GTK_WIDGET(editor));
    editor->mask = wgw_key_mask_new();
    editor->public_keys =
        g_hash_table_new_full(g_str_hash, g_str_equal, (GDestroyNotify)wgw_key_text_free, g_free);
    gtk_source_buffer_set_language(
        GTK_SOURCE_BUFFER(editor->buffer),
        gtk_source_language_manager_get_language(gtk_source_language_manager_get_default(), "ini"));
    wgw_problem_list_set_view(editor->problems, GTK_SOURCE_VIEW(editor->view));
    wgw_config_form_set_buffer(editor->form, editor->buffer, editor->mask);
    wgw_config_form_set_editable(editor->form, FALSE);
    wgw_editor_connect_views(editor);
    g_signal_connect_object(style, "notify::dark", G_CALLBACK(on_dark), editor, 0);
    gtk_text_buffer_create_tag(editor->buffer, WITHOUT_HYPHENS, "insert-hyphens", FALSE, NULL);
    g_signal_connect_object(editor->buffer, "changed", G_CALLBACK(on_changed), editor, 0);
    g_signal_connect_object(editor->buffer, "undo", G_CALLBACK(on_history), editor,
                            G_CONNECT_AFTER);
    g_signal_connect_object(editor->buffer, "redo", G_CALLBACK(on_history), editor,
                            G_CONNECT_AFTER);
    g_signal_connect_object(editor->buffer, "notify::can-undo", G_CALLBACK(on_can_undo), editor, 0);
    g_signal_connect_object(editor->buffer, "notify::can-redo", G_CALLBACK(on_can_undo), editor, 0);
    g_signal_connect_object(editor->show_keys, "notify::active", G_CALLBACK(on_show_keys), editor,
                            0);
    on_dark(style, NULL, editor);
    on_can_undo(editor->buffer, NULL, editor);
}

static WgwEditor *
create(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel, const char *name)
{
    WgwEditor *editor = g_object_new(WGW_TYPE_EDITOR, "transient-for", parent, "application",
                                     gtk_window_get_application(parent), NULL);

    editor->client = g_object_ref(client);
    editor->tunnel = tunnel ? g_object_ref(tunnel) : NULL;
    wgw_editor_follow(editor, name);
    return editor;
}

void
wgw_editor_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel)
{
    WgwEditor *editor;

    for (GList *window = gtk_application_get_windows(gtk_window_get_application(parent)); window;
         window = window->next)
        if (WGW_IS_EDITOR(window->data) &&
            g_str_equal(WGW_EDITOR(window->data)->name, wgw_tunnel_get_name(tunnel))) {
            if (WGW_EDITOR(window->data)->ready)
                gtk_window_present(window->data);
            return;
        }
    editor = create(parent, client, tunnel, wgw_tunnel_get_name(tunnel));
    wgw_client_get_config(client, tunnel, TRUE, on_config, g_object_ref(editor));
}

void
wgw_editor_present_new(GtkWindow *parent,
                       WgwClient *client,
                       const char *name,
                       const char *text,
                       const char *private_key,
                       const char *public_key)
{
    WgwEditor *editor = create(parent, client, NULL, name);

    g_hash_table_insert(editor->public_keys, g_strdup(private_key), g_strdup(public_key));
    begin(editor, "", text);
}

gboolean
wgw_editor_ask_all(GtkApplication *application)
{
    for (GList *window = gtk_application_get_windows(application); window; window = window->next)
        if (WGW_IS_EDITOR(window->data) && WGW_EDITOR(window->data)->modified) {
            gtk_window_present(window->data);
            gtk_window_close(window->data);
            return TRUE;
        }
    return FALSE;
}
