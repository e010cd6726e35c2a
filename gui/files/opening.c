/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* One file after the other is looked at, and what is to be run is run; documents are collected, and
 * opened together at the end. Then the opening goes on to listen for some seconds: an application
 * that was handed over to a copy outside the tunnel says so only by its end. */

#include "files/opening.h"

/* Before gi18n-lib.h: a guest's translations go by name, the process's domain is its host's. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "dbus/names.h"
#include "dbus/path.h"

/* Who hands over does so in an instant, once it is up. */
#define LISTEN_SECONDS 5

#define ATTRIBUTES                                                            \
    G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE \
                                   "," G_FILE_ATTRIBUTE_STANDARD_TARGET_URI   \
                                   "," G_FILE_ATTRIBUTE_ACCESS_CAN_EXECUTE

struct opening {
    int references;            /* one for each answer that is awaited */
    GApplication *application; /* held meanwhile; or NULL */
    GDBusConnection *bus;
    char *profile;
    char *token;
    char **uris;
    guint next;
    GStrvBuilder *documents; /* URIs */
    GArray *pids;            /* guint32: of what was run */
    guint subscription;
};

static void look_at_next(struct opening *opening);

static struct opening *
ref(struct opening *opening)
{
    opening->references++;
    return opening;
}

static void
opening_free(struct opening *opening)
{
    if (opening->subscription > 0)
        g_dbus_connection_signal_unsubscribe(opening->bus, opening->subscription);
    g_clear_object(&opening->bus);
    if (opening->application)
        g_application_release(opening->application);
    g_free(opening->profile);
    g_free(opening->token);
    g_strfreev(opening->uris);
    g_strv_builder_unref(opening->documents);
    g_array_unref(opening->pids);
    g_free(opening);
}

static gboolean
on_silence(gpointer user_data)
{
    opening_free(user_data);
    return G_SOURCE_REMOVE;
}

/* With the last answer the listening's time begins. */
static void
unref(struct opening *opening)
{
    if (--opening->references == 0)
        g_timeout_add_seconds(LISTEN_SECONDS, on_silence, opening);
}

static void
complain(struct opening *opening, const char *message)
{
    g_autofree char *title = g_strdup_printf(_("Tunnel “%s”"), opening->profile);

    wgw_opening_complain(title, message);
}

static void
complain_of(struct opening *opening, const char *file, const char *message)
{
    g_autofree char *text = g_strdup_printf("%s: %s", file, message);

    complain(opening, text);
}

/* ---- Calls ---- */

static gboolean
is_ours(struct opening *opening, guint32 pid)
{
    for (guint i = 0; i < opening->pids->len; i++)
        if (g_array_index(opening->pids, guint32, i) == pid)
            return TRUE;
    return FALSE;
}

/* OpenUris does not tell processes; but what is said of a success is about a hand-over. */
static void
on_program_exited(GDBusConnection *bus,
                  const char *sender,
                  const char *path,
                  const char *interface,
                  const char *signal,
                  GVariant *parameters,
                  gpointer user_data)
{
    const char *message;
    guint32 pid;
    gint32 status;

    if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(uis)")))
        return;
    g_variant_get(parameters, "(ui&s)", &pid, &status, &message);
    if (*message && (status == 0 || is_ours(user_data, pid)))
        complain(user_data, message);
}

static void
on_reply(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct opening *opening = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

    if (!reply) {
        g_dbus_error_strip_remote_error(error);
        complain(opening, error->message);
    } else if (g_variant_is_of_type(reply, G_VARIANT_TYPE("(ou)"))) {
        guint32 pid;

        g_variant_get(reply, "(ou)", NULL, &pid);
        g_array_append_val(opening->pids, pid);
    }
    unref(opening);
}

/* The token is good for one window. */
static GVariant *
new_options(struct opening *opening, const char *cwd)
{
    g_autofree char *token = g_steal_pointer(&opening->token);
    GVariantDict options;

    g_variant_dict_init(&options, NULL);
    if (cwd)
        g_variant_dict_insert(&options, "cwd", "s", cwd);
    if (token)
        g_variant_dict_insert(&options, "activation-token", "s", token);
    return g_variant_dict_end(&options);
}

static void
call(struct opening *opening, const char *method, GVariant *parameters)
{
    g_dbus_connection_call(opening->bus, WGW_BUS_NAME, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE,
                           method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                           on_reply, ref(opening));
}

static void
launch_application(struct opening *opening, const char *path)
{
    const char *no_uris[] = {NULL};

    call(opening, "LaunchApp",
         g_variant_new("(ss^as@a{sv})", opening->profile, path, no_uris,
                       new_options(opening, NULL)));
}

static void
launch_program(struct opening *opening, const char *path)
{
    const char *argv[] = {path, NULL};
    g_autofree char *directory = g_path_get_dirname(path);

    call(opening, "Launch",
         g_variant_new("(s^as@a{sv})", opening->profile, argv, new_options(opening, directory)));
}

static void
open_documents(struct opening *opening)
{
    g_auto(GStrv) uris = g_strv_builder_end(opening->documents);

    if (uris[0])
        call(opening, "OpenUris",
             g_variant_new("(s^as@a{sv})", opening->profile, uris, new_options(opening, NULL)));
}

/* ---- Files ---- */

static gboolean
is_program(const char *type)
{
    static const char *const types[] = {"application/x-executable", "application/x-sharedlib",
                                        "application/x-pie-executable"};

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_content_type_is_a(type, types[i]))
            return TRUE;
    return FALSE;
}

static gboolean
is_below(const char *path, const char *data_directory)
{
    g_autofree char *applications = g_build_filename(data_directory, "applications/", NULL);

    return g_str_has_prefix(path, applications);
}

static gboolean
is_installed(const char *path)
{
    for (const char *const *data = g_get_system_data_dirs(); *data; data++)
        if (is_below(path, *data))
            return TRUE;
    return is_below(path, g_get_user_data_dir());
}

/* A file manager shows a desktop entry under whatever name and icon it asks for. So, as in file
 * managers themselves, one that came from elsewhere is run only if it was made executable. */
static void
open_file(struct opening *opening, GFile *file, GFileInfo *info)
{
    const char *type = g_file_info_get_content_type(info);
    const char *target =
        g_file_info_get_attribute_string(info, G_FILE_ATTRIBUTE_STANDARD_TARGET_URI);
    g_autofree char *path =
        target ? g_filename_from_uri(target, NULL, NULL) : g_file_get_path(file);
    gboolean regular = g_file_info_get_file_type(info) == G_FILE_TYPE_REGULAR && path && type;
    gboolean desktop = regular && g_content_type_is_a(type, "application/x-desktop");
    gboolean executable =
        g_file_info_get_attribute_boolean(info, G_FILE_ATTRIBUTE_ACCESS_CAN_EXECUTE);
    gboolean program = regular && executable && is_program(type);
    g_autofree char *shown = path ? g_filename_display_basename(path) : NULL;

    if ((desktop || program) && !g_utf8_validate(path, -1, NULL)) {
        complain_of(opening, shown,
                    _("Its name is not UTF-8, so it cannot be run. Rename it, or its folder."));
    } else if (desktop && !executable && !is_installed(path)) {
        complain_of(opening, shown,
                    _("It would run a program, and was not made executable. If you trust it, allow "
                      "that in its properties."));
    } else if (desktop) {
        launch_application(opening, path);
    } else if (program) {
        launch_program(opening, path);
    } else {
        /* A path, where there is one, is of use to more applications. */
        g_autofree char *uri = path ? g_filename_to_uri(path, NULL, NULL) : NULL;
        g_autofree char *own = uri || target ? NULL : g_file_get_uri(file);

        g_strv_builder_add(opening->documents, uri ? uri : target ? target : own);
    }
}

static void
on_info(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct opening *opening = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GFileInfo) info = g_file_query_info_finish(G_FILE(source), result, &error);

    if (info)
        open_file(opening, G_FILE(source), info);
    else
        complain(opening, error->message);
    look_at_next(opening);
    unref(opening);
}

static void
look_at_next(struct opening *opening)
{
    const char *uri = opening->uris[opening->next];
    const char *scheme;
    g_autoptr(GFile) file = NULL;

    if (!uri) {
        open_documents(opening);
        return;
    }
    opening->next++;
    scheme = g_uri_peek_scheme(uri);
    if (g_strcmp0(scheme, "http") == 0 || g_strcmp0(scheme, "https") == 0) {
        g_strv_builder_add(opening->documents, uri);
        look_at_next(opening);
        return;
    }
    file = g_file_new_for_uri(uri);
    g_file_query_info_async(file, ATTRIBUTES, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, NULL,
                            on_info, ref(opening));
}

static void
on_bus(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct opening *opening = user_data;
    g_autofree char *session = wgw_path_for_session(opening->profile);
    g_autoptr(GError) error = NULL;

    opening->bus = g_bus_get_finish(result, &error);
    if (opening->bus) {
        opening->subscription = g_dbus_connection_signal_subscribe(
            opening->bus, WGW_BUS_NAME, WGW_SESSION_INTERFACE, "ProgramExited", session, NULL,
            G_DBUS_SIGNAL_FLAGS_NONE, on_program_exited, opening, NULL);
        look_at_next(opening);
    } else {
        complain(opening, error->message);
    }
    unref(opening);
}

/* Which application it will be only the service knows; a token is for any. (transfer full) */
static char *
dup_token(GAppLaunchContext *context)
{
    g_autoptr(GAppInfo) any =
        g_app_info_create_from_commandline("wg-wrap", NULL, G_APP_INFO_CREATE_NONE, NULL);

    return any ? g_app_launch_context_get_startup_notify_id(context, any, NULL) : NULL;
}

void
wgw_opening_start(const char *profile, const char *const *uris, GAppLaunchContext *context)
{
    struct opening *opening = g_new0(struct opening, 1);

    opening->application = g_application_get_default();
    if (opening->application)
        g_application_hold(opening->application);
    opening->profile = g_strdup(profile);
    opening->token = context ? dup_token(context) : NULL;
    opening->uris = g_strdupv((char **)uris);
    opening->documents = g_strv_builder_new();
    opening->pids = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_bus_get(G_BUS_TYPE_SESSION, NULL, on_bus, ref(opening));
}

void
wgw_opening_complain(const char *title, const char *message)
{
    GApplication *application = g_application_get_default();
    g_autoptr(GNotification) notification = g_notification_new(title);
    g_autoptr(GIcon) icon = g_themed_icon_new(WGW_APPLICATION_ID);

    g_notification_set_body(notification, message);
    g_notification_set_icon(notification, icon);
    if (application && g_application_get_is_registered(application))
        g_application_send_notification(application, NULL, notification);
    else
        g_warning("%s: %s", title, message);
}
