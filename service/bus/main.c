/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* wg-wrapd: the session service. Objects first, the name last: whoever sees the name sees all. Ending
 * it, in whatever way, leaves the sessions running; the next one takes them over. */

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

#include "bus/service.h"
#include "config.h"
#include "dbus/names.h"
#include "dbus/numbers.h"
#include "dbus/vfs.h"
#include "launcher/environment.h"

struct daemon {
    GMainLoop *loop;
    GDBusConnection *connection;
    int status;
};

static void
on_name_lost(GDBusConnection *connection, const char *name, gpointer user_data)
{
    struct daemon *daemon = user_data;

    /* No connection: the bus has gone, and the desktop session with it. */
    if (connection) {
        g_printerr("wg-wrapd: another one has the name %s\n", name);
        daemon->status = 1;
    }
    g_main_loop_quit(daemon->loop);
}

static void
on_ready(gpointer user_data)
{
    struct daemon *daemon = user_data;

    g_bus_own_name_on_connection(daemon->connection, WGW_BUS_NAME,
                                 G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, NULL, on_name_lost, daemon,
                                 NULL);
}

static void
on_bus(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct daemon *daemon = user_data;
    g_autoptr(GError) error = NULL;

    daemon->connection = g_bus_get_finish(result, &error);
    if (daemon->connection && wgw_service_start(daemon->connection, on_ready, daemon, &error))
        return;
    g_printerr("wg-wrapd: %s\n", error->message);
    daemon->status = 1;
    g_main_loop_quit(daemon->loop);
}

static gboolean
on_signal(gpointer user_data)
{
    g_main_loop_quit(user_data);
    return G_SOURCE_CONTINUE;
}

int
main(int argc, char **argv)
{
    gboolean version = FALSE;
    const GOptionEntry entries[] = {
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version and exit"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = NULL;
    g_autoptr(GError) error = NULL;
    struct daemon daemon = {0};

    /* Before there are threads. */
    wgw_environment_forget_own();
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    wgw_numbers_use();
    signal(SIGPIPE, SIG_IGN);

    context = g_option_context_new(NULL);
    g_option_context_set_summary(context, _("The service behind wg-wrap, started by D-Bus."));
    g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        g_printerr("wg-wrapd: %s\n", error->message);
        return 2;
    }
    if (version) {
        g_print("wg-wrapd %s\n", WGW_VERSION);
        return 0;
    }

    wgw_vfs_use_local();
    daemon.loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, on_signal, daemon.loop);
    g_unix_signal_add(SIGINT, on_signal, daemon.loop);
    g_bus_get(G_BUS_TYPE_SESSION, NULL, on_bus, &daemon);
    g_main_loop_run(daemon.loop);
    g_clear_object(&daemon.connection);
    g_main_loop_unref(daemon.loop);
    return daemon.status;
}
