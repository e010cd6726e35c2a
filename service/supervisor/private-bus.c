/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The socket is ours and the daemon inherits it, as a service manager would have it. So the address is
 * good for the session's whole life; a daemon that died is replaced when somebody connects the next time,
 * and one that outlives us is found by what it holds (succession.c).
 *
 * A daemon activates helpers, which come and go unasked, as well as applications, in which a person works;
 * only the latter keep a session open. Who is which, the bus knows: an application owns the name of a
 * desktop entry. It is asked over a connection made for the purpose, so that no program has a way to write
 * to us. */
#include "supervisor/private-bus.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gdesktopappinfo.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bridge.h"
#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "supervisor/process.h"
#include "supervisor/spawn.h"

/* A daemon that ends sooner than this never worked. */
#define STILLBORN_US G_USEC_PER_SEC

/* What stands for a service of the desktop's, and may bear the name of one that has a desktop entry. */
#define STAND_IN "wg-wrap-stand-in"

/* What the kernel keeps of a process's name, without the NUL. */
#define MAX_NAME 15

/* It answers in a millisecond. One that is stopped shall not keep a session open. */
#define ANSWER_SECONDS 3

struct asker {
    void (*answered)(gpointer user_data);
    gpointer user_data;
};

struct _WgwPrivateBus {
    int socket;
    guint knock; /* somebody connects, and there is no daemon */
    pid_t pid;
    int pidfd;
    guint end;      /* of pidfd */
    gint64 started; /* monotonic, µs */
    char **environment;

    GHashTable *applications; /* pid -> desktop ID */
    GQueue askers;            /* struct asker: for the answer that is under way */
    GQueue late;              /* who came while it was, for the next */
    GCancellable *asking;     /* or NULL */
    guint patience;
    guint to_come; /* how many names' process IDs */

    WgwPrivateBusChanged changed;
    gpointer user_data;
};

/* What is asked in one go: who asks may be gone when the answer comes. */
struct question {
    WgwPrivateBus *bus;
    GDBusConnection *connection;
    GCancellable *cancellable;
    char *desktop_id;
};

static void ask(WgwPrivateBus *bus);
static void watch_socket(WgwPrivateBus *bus);

/* ---- The socket ---- */

gboolean
wgw_socket_is_private_bus(int fd)
{
    struct sockaddr_un address = {0};
    socklen_t size = sizeof address - 1;

    return fd >= 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
           address.sun_family == AF_UNIX && strcmp(address.sun_path, WGW_PRIVATE_BUS_PATH) == 0;
}

static int
open_socket(GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = WGW_PRIVATE_BUS_PATH};
    WGW_AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && (mkdir(WGW_PRIVATE_BUS_DIRECTORY, 0700) == 0 || errno == EEXIST) &&
        (unlink(address.sun_path) == 0 || errno == ENOENT) &&
        bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, SOMAXCONN) == 0)
        return wgw_fd_steal(&fd);
    g_set_error(error, WGW_ERROR, wgw_error_code_of(errno),
                _("The tunnel's own session bus cannot be made: %s. %s"), g_strerror(errno),
                wgw_error_advice_on(errno));
    return -1;
}

/* Who waits for a daemon that cannot be had is told so by a connection that closes. */
static void
turn_away(WgwPrivateBus *bus)
{
    int client;

    while ((client = accept4(bus->socket, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        close(client);
}

/* ---- The daemon ---- */

static void
forget_daemon(WgwPrivateBus *bus)
{
    g_clear_handle_id(&bus->end, g_source_remove);
    wgw_fd_close(&bus->pidfd);
    bus->pid = 0;
    g_hash_table_remove_all(bus->applications);
}

static gboolean
on_end(int fd, GIOCondition condition, gpointer user_data)
{
    WgwPrivateBus *bus = user_data;

    waitpid(bus->pid, NULL, WNOHANG); /* it may not be a child of ours */
    forget_daemon(bus);
    if (g_get_monotonic_time() - bus->started < STILLBORN_US)
        turn_away(bus);
    watch_socket(bus);
    bus->changed(0, TRUE, bus->user_data);
    return G_SOURCE_REMOVE;
}

static void
watch_daemon(WgwPrivateBus *bus)
{
    g_clear_handle_id(&bus->knock, g_source_remove);
    bus->end = g_unix_fd_add(bus->pidfd, G_IO_IN, on_end, bus);
}

static gboolean
start(WgwPrivateBus *bus, GError **error)
{
    static const int targets[] = {0, 1, 2, WGW_PRIVATE_BUS_FD};
    WGW_AUTOCLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int sources[] = {null, null, STDERR_FILENO, bus->socket};
    g_autofree char *program = g_find_program_in_path("dbus-daemon");
    g_autofree char *option = NULL;
    char *config = wgw_data_path("private-bus/session.conf");
    char *stand_in = wgw_program_path(STAND_IN);
    /* It asks that LISTEN_PID be its own. */
    const char *argv[] = {"/bin/sh",
                          "-c",
                          "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\"",
                          program,
                          "--nofork",
                          "--nopidfile",
                          "--address=systemd:",
                          NULL,
                          NULL};
    pid_t pid;

    option = g_strconcat("--config-file=", config, NULL);
    argv[G_N_ELEMENTS(argv) - 2] = option;
    bus->environment = g_environ_setenv(bus->environment, "WG_WRAP_STAND_IN", stand_in, TRUE);
    free(config);
    free(stand_in);
    if (!program) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_SPAWN_FAILED,
                    _("dbus-daemon is not installed, so there is no bus for this program but the "
                      "one outside the tunnel. Install it, or choose that one."));
        return FALSE;
    }
    pid = wgw_spawn_with(argv, (const char *const *)bus->environment, "/", NULL, sources, targets,
                         G_N_ELEMENTS(targets), error);
    if (pid < 0)
        return FALSE;
    bus->pid = pid;
    bus->pidfd = pidfd_open(pid, 0);
    if (bus->pidfd < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                    _("The tunnel's own session bus cannot be made: %s. %s"), g_strerror(errno),
                    wgw_error_advice_on(errno));
        kill(pid, SIGKILL);
        bus->pid = 0;
        return FALSE;
    }
    bus->started = g_get_monotonic_time();
    watch_daemon(bus);
    bus->changed(pid, FALSE, bus->user_data);
    return TRUE;
}

static gboolean
on_knock(int fd, GIOCondition condition, gpointer user_data)
{
    WgwPrivateBus *bus = user_data;
    g_autoptr(GError) error = NULL;

    bus->knock = 0;
    if (start(bus, &error))
        return G_SOURCE_REMOVE;
    g_warning("%s", error->message);
    turn_away(bus);
    watch_socket(bus);
    return G_SOURCE_REMOVE;
}

static void
watch_socket(WgwPrivateBus *bus)
{
    if (bus->socket >= 0)
        bus->knock = g_unix_fd_add(bus->socket, G_IO_IN, on_knock, bus);
}

/* ---- Who is on it ---- */

static void
question_free(struct question *question)
{
    g_clear_object(&question->connection);
    g_object_unref(question->cancellable);
    g_free(question->desktop_id);
    g_free(question);
}

static struct question *
question_new(WgwPrivateBus *bus, GDBusConnection *connection, const char *desktop_id)
{
    struct question *question = g_new0(struct question, 1);

    question->bus = bus;
    question->connection = connection ? g_object_ref(connection) : NULL;
    question->cancellable = g_object_ref(bus->asking);
    question->desktop_id = g_strdup(desktop_id);
    return question;
}

/* Answered, or not to be. */
static void
conclude(WgwPrivateBus *bus)
{
    GQueue askers = bus->askers;
    struct asker *asker;

    g_queue_init(&bus->askers);
    g_clear_handle_id(&bus->patience, g_source_remove);
    g_cancellable_cancel(bus->asking);
    g_clear_object(&bus->asking);
    while ((asker = g_queue_pop_head(&askers))) {
        asker->answered(asker->user_data);
        g_free(asker);
    }
    if (!bus->asking && !g_queue_is_empty(&bus->late)) {
        bus->askers = bus->late;
        g_queue_init(&bus->late);
        ask(bus);
    }
}

static gboolean
on_patience(gpointer user_data)
{
    WgwPrivateBus *bus = user_data;

    bus->patience = 0;
    conclude(bus);
    return G_SOURCE_REMOVE;
}

static void
on_process(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct question *question = user_data;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);
    g_autofree char *name = NULL;
    guint pid = 0;

    if (!g_cancellable_is_cancelled(question->cancellable)) {
        WgwPrivateBus *bus = question->bus;

        if (reply)
            g_variant_get(reply, "(u)", &pid);
        name = reply ? wgw_process_dup_name((pid_t)pid) : NULL;
        if (name && strncmp(name, STAND_IN, MAX_NAME) != 0)
            g_hash_table_replace(bus->applications, GUINT_TO_POINTER(pid),
                                 g_steal_pointer(&question->desktop_id));
        if (--bus->to_come == 0)
            conclude(bus);
    }
    question_free(question);
}

/* The entry that an application's name on the bus belongs to: its own, or, where a project kept an old
 * one, "thunar" for org.xfce.Thunar. NULL if there is none: the name is a helper's. */
static char *
dup_desktop_id(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(strrchr(name, '.') + 1, -1);
    const char *const words[] = {name, lower};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *id = g_strconcat(words[i], ".desktop", NULL);
        g_autoptr(GDesktopAppInfo) entry = g_desktop_app_info_new(id);

        if (entry && !g_desktop_app_info_get_nodisplay(entry))
            return g_steal_pointer(&id);
    }
    return NULL;
}

static void
on_names(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct question *question = user_data;
    GDBusConnection *connection = G_DBUS_CONNECTION(source);
    g_autoptr(GVariant) reply = g_dbus_connection_call_finish(connection, result, NULL);
    g_autofree const char **names = NULL;

    if (!g_cancellable_is_cancelled(question->cancellable)) {
        WgwPrivateBus *bus = question->bus;

        g_hash_table_remove_all(bus->applications);
        bus->to_come = 0;
        if (reply)
            g_variant_get(reply, "(^a&s)", &names);
        for (gsize i = 0; names && names[i]; i++) {
            g_autofree char *id = *names[i] == ':' ? NULL : dup_desktop_id(names[i]);

            if (!id)
                continue;
            bus->to_come++;
            g_dbus_connection_call(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                   g_variant_new("(s)", names[i]), G_VARIANT_TYPE("(u)"),
                                   G_DBUS_CALL_FLAGS_NONE, -1, bus->asking, on_process,
                                   question_new(bus, connection, id));
        }
        if (bus->to_come == 0)
            conclude(bus);
    }
    question_free(question);
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct question *question = user_data;

    question->connection = g_dbus_connection_new_for_address_finish(result, NULL);
    if (g_cancellable_is_cancelled(question->cancellable)) {
        question_free(question);
    } else if (!question->connection) {
        conclude(question->bus);
        question_free(question);
    } else
        g_dbus_connection_call(question->connection, "org.freedesktop.DBus",
                               "/org/freedesktop/DBus", "org.freedesktop.DBus", "ListNames", NULL,
                               G_VARIANT_TYPE("(as)"), G_DBUS_CALL_FLAGS_NONE, -1,
                               question->cancellable, on_names, question);
}

static void
ask(WgwPrivateBus *bus)
{
    bus->asking = g_cancellable_new();
    if (bus->pid == 0) {
        conclude(bus);
        return;
    }
    bus->patience = g_timeout_add_seconds(ANSWER_SECONDS, on_patience, bus);
    g_dbus_connection_new_for_address(WGW_PRIVATE_BUS_ADDRESS,
                                      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                      NULL, bus->asking, on_connected,
                                      question_new(bus, NULL, NULL));
}

/* ---- Public ---- */

WgwPrivateBus *
wgw_private_bus_new(const WgwPrivateBusParts *parts,
                    WgwPrivateBusChanged changed,
                    gpointer user_data,
                    GError **error)
{
    int socket = parts->socket < 0 ? open_socket(error) : parts->socket;
    char bridge[WGW_BRIDGE_SIZE];
    const char *outside;
    WgwPrivateBus *bus;

    if (socket < 0)
        return NULL;
    bus = g_new0(WgwPrivateBus, 1);
    bus->socket = socket;
    bus->pid = parts->pid;
    bus->pidfd = parts->pidfd;
    bus->environment = g_get_environ();
    outside = g_environ_getenv(bus->environment, "DBUS_SESSION_BUS_ADDRESS");
    if (outside && wgw_bridge_address(outside, bridge) == 0)
        outside = bridge;
    if (outside)
        bus->environment = g_environ_setenv(bus->environment, "WG_WRAP_SESSION_BUS", outside, TRUE);
    bus->applications = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_queue_init(&bus->askers);
    g_queue_init(&bus->late);
    bus->changed = changed;
    bus->user_data = user_data;
    if (bus->pid > 0)
        watch_daemon(bus);
    else
        watch_socket(bus);
    return bus;
}

void
wgw_private_bus_free(WgwPrivateBus *bus)
{
    g_clear_handle_id(&bus->patience, g_source_remove);
    g_cancellable_cancel(bus->asking);
    g_clear_object(&bus->asking);
    wgw_private_bus_close(bus);
    g_queue_clear_full(&bus->askers, g_free);
    g_queue_clear_full(&bus->late, g_free);
    g_hash_table_unref(bus->applications);
    g_strfreev(bus->environment);
    g_free(bus);
}

gboolean
wgw_private_bus_wanted(WgwPrivateBus *bus, const char *const *environment, GError **error)
{
    if (g_strcmp0(g_environ_getenv((char **)environment, "DBUS_SESSION_BUS_ADDRESS"),
                  WGW_PRIVATE_BUS_ADDRESS) != 0 ||
        bus->pid > 0)
        return TRUE;
    g_strfreev(bus->environment);
    bus->environment = g_strdupv((char **)environment);
    /* It is good for one window, that of the program. */
    bus->environment = g_environ_unsetenv(bus->environment, "XDG_ACTIVATION_TOKEN");
    bus->environment = g_environ_unsetenv(bus->environment, "DESKTOP_STARTUP_ID");
    return start(bus, error);
}

pid_t
wgw_private_bus_get_pid(WgwPrivateBus *bus)
{
    return bus->pid;
}

void
wgw_private_bus_kill(WgwPrivateBus *bus)
{
    GPollFD end = {.fd = bus->pidfd, .events = G_IO_IN};
    pid_t pid = bus->pid;

    if (pid == 0)
        return;
    pidfd_send_signal(bus->pidfd, SIGKILL, NULL, 0);
    g_poll(&end, 1, 1000 * ANSWER_SECONDS);
    waitpid(pid, NULL, WNOHANG);
    forget_daemon(bus);
    watch_socket(bus);
    bus->changed(0, FALSE, bus->user_data);
}

void
wgw_private_bus_close(WgwPrivateBus *bus)
{
    wgw_private_bus_kill(bus);
    g_clear_handle_id(&bus->knock, g_source_remove);
    wgw_fd_close(&bus->socket);
}

void
wgw_private_bus_ask(WgwPrivateBus *bus, void (*answered)(gpointer user_data), gpointer user_data)
{
    struct asker *asker = g_new(struct asker, 1);

    *asker = (struct asker){answered, user_data};
    if (bus->asking) {
        g_queue_push_tail(&bus->late, asker);
        return;
    }
    g_queue_push_tail(&bus->askers, asker);
    ask(bus);
}

const char *
wgw_private_bus_get_application(WgwPrivateBus *bus, pid_t pid)
{
    return g_hash_table_lookup(bus->applications, GINT_TO_POINTER(pid));
}
