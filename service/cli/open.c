/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * open: applications, files and links, by the service, as the desktop would start them. */
#include "cli/open.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>
#include <string.h>

#include "cli/client.h"
#include "cli/verb.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"

/* Who hands over does so in an instant; who waits is a person at a terminal. */
#define HANDED_OVER_MS 3000

/* What is listened for while something is opened. */
struct ear {
    GMainLoop *loop;
    char *session; /* NULL: whichever */
    guint pid;     /* 0: whichever */
    char *message; /* of an application that was handed over, or failed */
};

/* What @word is as a desktop entry: its ID, or the path of one; NULL if it is something to open.
 * The suffix may be left off an ID where no file of that name is meant. (transfer full) */
static char *
dup_desktop_id(const char *word)
{
    g_autofree char *scheme = g_uri_parse_scheme(word);
    g_autofree char *id = NULL;
    g_autoptr(GDesktopAppInfo) application = NULL;

    if (scheme)
        return NULL;
    if (g_str_has_suffix(word, ".desktop")) {
        if (g_file_test(word, G_FILE_TEST_IS_REGULAR))
            return g_canonicalize_filename(word, NULL);
        return g_strdup(word);
    }
    if (strchr(word, '/') || g_file_test(word, G_FILE_TEST_EXISTS))
        return NULL;
    id = g_strconcat(word, ".desktop", NULL);
    application = g_desktop_app_info_new(id);
    return application ? g_steal_pointer(&id) : NULL;
}

char **
wgw_open_dup_uris(char **words, GError **error)
{
    g_autoptr(GStrvBuilder) uris = g_strv_builder_new();

    for (char **word = words; *word; word++) {
        g_autofree char *scheme = g_uri_parse_scheme(*word);
        /* Not by GFile, which would start GVfs where that is installed. */
        g_autofree char *path = scheme ? NULL : g_canonicalize_filename(*word, NULL);
        g_autofree char *uri = scheme ? g_strdup(*word) : g_filename_to_uri(path, NULL, NULL);

        if (path && !g_file_test(path, G_FILE_TEST_EXISTS)) {
            g_autofree char *shown = g_filename_display_name(*word);

            g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                        _("%s is no file, no link and no application."), shown);
            return NULL;
        }
        if (!g_utf8_validate(uri, -1, NULL)) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        _("A link is UTF-8, unlike “%s”."), uri);
            return NULL;
        }
        g_strv_builder_add(uris, uri);
    }
    return g_strv_builder_end(uris);
}

/* So that the desktop lets the new window come to the front; the token is good for one use. */
static void
add_activation_token(GVariantDict *options)
{
    const char *token = g_getenv("XDG_ACTIVATION_TOKEN");

    if (!token)
        token = g_getenv("DESKTOP_STARTUP_ID");
    if (token && *token && g_utf8_validate(token, -1, NULL))
        g_variant_dict_insert(options, "activation-token", "s", token);
}

static void
on_program_exited(GDBusConnection *bus,
                  const char *sender,
                  const char *path,
                  const char *interface,
                  const char *signal,
                  GVariant *parameters,
                  gpointer user_data)
{
    struct ear *ear = user_data;
    const char *message;
    guint32 pid;
    gint32 status;

    if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(uis)")))
        return;
    g_variant_get(parameters, "(ui&s)", &pid, &status, &message);
    if ((ear->session && !g_str_equal(path, ear->session)) || (ear->pid > 0 && pid != ear->pid))
        return;
    if (*message && !ear->message)
        ear->message = g_strdup(message);
    if (ear->pid > 0 || ear->message)
        g_main_loop_quit(ear->loop);
}

static gboolean
on_silence(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

/* Whether what was opened stays in the tunnel, as far as its first seconds tell. */
static gboolean
stays_inside(struct ear *ear, GError **error)
{
    g_timeout_add(HANDED_OVER_MS, on_silence, ear->loop);
    g_main_loop_run(ear->loop);
    if (ear->message)
        g_set_error_literal(error, WGW_ERROR, WGW_ERROR_BUSY, ear->message);
    return ear->message == NULL;
}

gboolean
wgw_open_inside(WgwDbusManager *manager,
                const char *profile,
                const char *desktop_id,
                const char *const *uris,
                const char *action,
                const char *bus_policy,
                GError **error)
{
    GDBusConnection *bus = g_dbus_proxy_get_connection(G_DBUS_PROXY(manager));
    g_autofree char *directory = g_get_current_dir();
    g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
    struct ear ear = {NULL};
    guint subscription;
    gboolean ok;

    if (g_utf8_validate(directory, -1, NULL))
        g_variant_dict_insert(&options, "cwd", "s", directory);
    if (action)
        g_variant_dict_insert(&options, "action", "s", action);
    if (bus_policy)
        g_variant_dict_insert(&options, "bus", "s", bus_policy);
    add_activation_token(&options);
    ear.loop = g_main_loop_new(NULL, FALSE);
    ear.session = *profile ? wgw_path_for_session(profile) : NULL;
    subscription = g_dbus_connection_signal_subscribe(
        bus, WGW_BUS_NAME, WGW_SESSION_INTERFACE, "ProgramExited", NULL, NULL,
        G_DBUS_SIGNAL_FLAGS_NONE, on_program_exited, &ear, NULL);
    if (desktop_id)
        ok = wgw_dbus_manager_call_launch_app_sync(manager, profile, desktop_id, uris,
                                                   g_variant_dict_end(&options), NULL, NULL,
                                                   &ear.pid, NULL, NULL, error);
    else
        ok = wgw_dbus_manager_call_open_uris_sync(
            manager, profile, uris, g_variant_dict_end(&options), NULL, NULL, NULL, error);
    ok = ok && stays_inside(&ear, error);
    g_dbus_connection_signal_unsubscribe(bus, subscription);
    g_main_loop_unref(ear.loop);
    g_free(ear.session);
    g_free(ear.message);
    return ok;
}

int
wgw_verb_open(const WgwVerb *verb, char **argv)
{
    g_autofree char *action = NULL;
    g_autofree char *bus = NULL;
    g_autofree char *desktop_id = NULL;
    g_auto(GStrv) operands = NULL;
    g_auto(GStrv) uris = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"action", 0, 0, G_OPTION_ARG_STRING, &action,
         N_("One of the application's actions, “new-window” for example"), N_("ACTION")},
        {"bus", 0, 0, G_OPTION_ARG_STRING, &bus,
         N_("Session bus of what is opened: auto, shared or private"), N_("POLICY")},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 2, G_MAXUINT);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (!g_utf8_validate(operands[0], -1, NULL))
        return wgw_verb_usage_error(verb, _("A profile's name is UTF-8, unlike “%s”"), operands[0]);
    desktop_id = dup_desktop_id(operands[1]);
    if (desktop_id && !g_utf8_validate(desktop_id, -1, NULL))
        return wgw_verb_usage_error(verb, _("An application's name is UTF-8, unlike “%s”"),
                                    desktop_id);
    if (action && !desktop_id)
        return wgw_verb_usage_error(verb, _("--action needs an application, unlike “%s”"),
                                    operands[1]);
    uris = wgw_open_dup_uris(operands + (desktop_id ? 2 : 1), &error);
    manager = uris ? wgw_client_manager(&error) : NULL;
    return manager && wgw_open_inside(manager, operands[0], desktop_id, (const char *const *)uris,
                                      action, bus, &error)
               ? 0
               : wgw_fail(error);
}
