/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/intake.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/import-window.h"
#include "gui/import.h"
#include "gui/profile-file.h"

/* Of a picture in the clipboard. */
#define PICTURE_MAX   (32 * 1024 * 1024)
#define PICTURE_CHUNK (256 * 1024)

static const char *picture_types[] = {"image/png", "image/jpeg", NULL};

static WgwImport *
new_import(WgwWindow *window)
{
    return wgw_import_new(wgw_window_get_client(window));
}

/* ---- Files ---- */

void
wgw_intake_files(WgwWindow *window, GListModel *files)
{
    WgwImport *import = new_import(window);

    for (guint i = 0; i < g_list_model_get_n_items(files); i++) {
        g_autoptr(GFile) file = g_list_model_get_item(files, i);

        wgw_import_add_file(import, file);
    }
    wgw_import_window_run(GTK_WINDOW(window), import);
}

static void
import_list(WgwWindow *window, const GValue *value)
{
    WgwImport *import = new_import(window);

    for (GSList *file = g_value_get_boxed(value); file; file = file->next)
        wgw_import_add_file(import, file->data);
    wgw_import_window_run(GTK_WINDOW(window), import);
}

static void
on_chosen(GtkNativeDialog *dialog, int response, WgwWindow *window)
{
    if (response == GTK_RESPONSE_ACCEPT) {
        g_autoptr(GListModel) files = gtk_file_chooser_get_files(GTK_FILE_CHOOSER(dialog));

        wgw_intake_files(window, files);
    }
    g_object_unref(dialog);
}

void
wgw_intake_choose(WgwWindow *window)
{
    static const char *const suffixes[] = {"conf", "zip", "png", "jpg", "jpeg", "webp"};
    GtkFileChooserNative *dialog =
        gtk_file_chooser_native_new(_("Import Profiles"), GTK_WINDOW(window),
                                    GTK_FILE_CHOOSER_ACTION_OPEN, _("_Import"), _("_Cancel"));
    g_autoptr(GtkFileFilter) known = gtk_file_filter_new();
    g_autoptr(GtkFileFilter) all = gtk_file_filter_new();

    gtk_file_filter_set_name(known, _("Profiles, archives and QR codes"));
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++)
        gtk_file_filter_add_suffix(known, suffixes[i]);
    gtk_file_filter_set_name(all, _("All files"));
    gtk_file_filter_add_pattern(all, "*");
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), known);
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), all);
    gtk_file_chooser_set_select_multiple(GTK_FILE_CHOOSER(dialog), TRUE);
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_chosen), window, 0);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

/* ---- Text ---- */

/* Where the profile leads to: the only name that is in it. (transfer full) */
static char *
dup_name(const char *text)
{
    g_autoptr(GRegex) regex = g_regex_new("^\\s*Endpoint\\s*=\\s*\\[?([^\\]\\s]+?)\\]?:\\d+\\s*$",
                                          G_REGEX_CASELESS | G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    if (g_utf8_validate(text, -1, NULL) && g_regex_match(regex, text, 0, &match)) {
        g_autofree char *host = g_match_info_fetch(match, 1);

        return g_strconcat(host, ".conf", NULL);
    }
    return g_strdup(_("Tunnel"));
}

static void
import_text(WgwWindow *window, const char *text)
{
    WgwImport *import = new_import(window);
    g_autofree char *name = dup_name(text);

    wgw_import_add_text(import, wgw_profile_text_new(_("Text"), name, text, strlen(text)));
    wgw_import_window_run(GTK_WINDOW(window), import);
}

/* ---- Drops ---- */

static gboolean
on_drop(GtkDropTarget *target, const GValue *value, double x, double y, WgwWindow *window)
{
    if (G_VALUE_HOLDS_STRING(value))
        import_text(window, g_value_get_string(value));
    else
        import_list(window, value);
    return TRUE;
}

void
wgw_intake_accept_drops(WgwWindow *window)
{
    GType types[] = {GDK_TYPE_FILE_LIST, G_TYPE_STRING};
    GtkDropTarget *drop = gtk_drop_target_new(G_TYPE_INVALID, GDK_ACTION_COPY);

    gtk_drop_target_set_gtypes(drop, types, G_N_ELEMENTS(types));
    g_signal_connect_object(drop, "drop", G_CALLBACK(on_drop), window, 0);
    gtk_widget_add_controller(GTK_WIDGET(window), GTK_EVENT_CONTROLLER(drop));
}

/* ---- The clipboard ---- */

struct picture {
    WgwWindow *window;
    GInputStream *stream;
    GByteArray *bytes;
};

static void
picture_free(struct picture *picture)
{
    g_object_unref(picture->window);
    g_clear_object(&picture->stream);
    g_clear_pointer(&picture->bytes, g_byte_array_unref);
    g_free(picture);
}

static void
complain(WgwWindow *window, char *problem)
{
    WgwImport *import = new_import(window);

    wgw_import_add_text(import, wgw_profile_text_new_problem(_("Clipboard"), problem));
    wgw_import_window_run(GTK_WINDOW(window), import);
}

static void
on_looked_into(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwWindow) window = user_data;
    g_autoptr(GPtrArray) texts = wgw_profile_file_read_finish(result);
    WgwImport *import = new_import(window);

    for (guint i = 0; i < texts->len; i++)
        wgw_import_add_text(import, texts->pdata[i]);
    g_ptr_array_set_free_func(texts, NULL);
    wgw_import_window_run(GTK_WINDOW(window), import);
}

static void read_picture(struct picture *picture);

static void
on_picture_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct picture *picture = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_input_stream_read_bytes_finish(picture->stream, result, &error);

    if (bytes && g_bytes_get_size(bytes) > 0 && picture->bytes->len < PICTURE_MAX) {
        g_byte_array_append(picture->bytes, g_bytes_get_data(bytes, NULL),
                            (guint)g_bytes_get_size(bytes));
        read_picture(picture);
        return;
    }
    if (bytes) {
        g_autoptr(GBytes) all = g_byte_array_free_to_bytes(g_steal_pointer(&picture->bytes));

        wgw_profile_file_read_bytes(_("Clipboard"), all, NULL, on_looked_into,
                                    g_object_ref(picture->window));
    } else
        complain(picture->window, g_strdup(error->message));
    picture_free(picture);
}

static void
read_picture(struct picture *picture)
{
    g_input_stream_read_bytes_async(picture->stream, PICTURE_CHUNK, G_PRIORITY_DEFAULT, NULL,
                                    on_picture_read, picture);
}

static void
on_picture(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct picture *picture = user_data;
    g_autoptr(GError) error = NULL;

    picture->stream = gdk_clipboard_read_finish(GDK_CLIPBOARD(source), result, NULL, &error);
    if (picture->stream) {
        read_picture(picture);
        return;
    }
    complain(picture->window, g_strdup(error->message));
    picture_free(picture);
}

static void
on_list(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    const GValue *value = gdk_clipboard_read_value_finish(GDK_CLIPBOARD(source), result, &error);

    if (value)
        import_list(window, value);
    else
        complain(window, g_strdup(error->message));
}

static void
on_text(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwConfigText) text =
        gdk_clipboard_read_text_finish(GDK_CLIPBOARD(source), result, &error);

    if (text)
        import_text(window, text);
    else
        complain(window, g_strdup(error->message));
}

static gboolean
has_picture(GdkContentFormats *formats)
{
    for (const char **type = picture_types; *type; type++)
        if (gdk_content_formats_contain_mime_type(formats, *type))
            return TRUE;
    return FALSE;
}

/* A file that was copied is offered as text, too; what was copied as a picture may be, of its page. */
void
wgw_intake_paste(WgwWindow *window)
{
    GdkClipboard *clipboard = gtk_widget_get_clipboard(GTK_WIDGET(window));
    g_autoptr(GdkContentFormats) formats = gdk_content_formats_union_deserialize_gtypes(
        gdk_content_formats_ref(gdk_clipboard_get_formats(clipboard)));

    if (gdk_content_formats_contain_gtype(formats, GDK_TYPE_FILE_LIST)) {
        gdk_clipboard_read_value_async(clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                       on_list, g_object_ref(window));
    } else if (has_picture(formats)) {
        struct picture *picture = g_new0(struct picture, 1);

        picture->window = g_object_ref(window);
        picture->bytes = g_byte_array_new();
        gdk_clipboard_read_async(clipboard, picture_types, G_PRIORITY_DEFAULT, NULL, on_picture,
                                 picture);
    } else if (gdk_content_formats_contain_gtype(formats, G_TYPE_STRING)) {
        gdk_clipboard_read_text_async(clipboard, NULL, on_text, g_object_ref(window));
    } else
        wgw_window_toast(window,
                         _("There is no profile, file or picture of a QR code in the clipboard."));
}
