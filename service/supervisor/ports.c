/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/ports.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "relay/listen.h"
#include "relay/message.h"

/* How soon what failed is tried again: a port that is in use, a relay that has ended. */
#define RETRY_SECONDS 2

/* A relay that is told to end has only to close what it has. */
#define END_PATIENCE_MS 1000

struct port {
    enum relay_direction direction;
    guint16 number;
    int error;  /* an errno, 0: it is open, or about to be */
    int fds[2]; /* RELAY_FORWARD: of either family, listening; -1: none */
};

struct _WgwPorts {
    GPtrArray *ports; /* struct port */
    int relay;        /* -1: there is none */
    guint source;
    guint retry_timer;
    gboolean waiting; /* for the timer, before the next relay */
    WgwPortsCallbacks callbacks;
    gpointer user_data;
};

static const int families[] = {AF_INET, AF_INET6};
static const char *const directions[] = {[RELAY_FORWARD] = "forward", [RELAY_PUBLISH] = "publish"};

static void lose_relay(WgwPorts *ports);
static void schedule_retry(WgwPorts *ports);

static void
port_free(gpointer data)
{
    struct port *port = data;

    wgw_fd_close(&port->fds[0]);
    wgw_fd_close(&port->fds[1]);
    g_free(port);
}

/* (transfer full) */
static char *
dup_problem(WgwPorts *ports, const struct port *port)
{
    switch (port->error) {
    case 0:
        return g_strdup(ports->relay < 0 ? _("What forwards it is being started.") : "");
    case EADDRINUSE:
        return g_strdup_printf(
            port->direction == RELAY_FORWARD
                ? _("A program in the tunnel uses port %u already. It is tried again.")
                : _("A program on this machine uses port %u already. It is tried again."),
            port->number);
    case EACCES:
        return g_strdup_printf(_("Port %u is a privileged one. Choose one from 1024 up."),
                               port->number);
    default:
        return g_strdup_printf(_("Port %u: %s."), port->number, g_strerror(port->error));
    }
}

/* Tell of @port's fate, if it is another than before. */
static void
set_error(WgwPorts *ports, struct port *port, int error)
{
    g_autofree char *problem = NULL;

    if (error != 0)
        schedule_retry(ports);
    if (port->error == error)
        return;
    port->error = error;
    problem = dup_problem(ports, port);
    ports->callbacks.told(problem, port->number, ports->user_data);
}

static void
send_message(WgwPorts *ports, const struct relay_message *message, int fd)
{
    if (ports->relay >= 0 && relay_message_send(ports->relay, message, fd) < 0)
        lose_relay(ports);
}

/* As far as it can be done now. */
static void
open_port(WgwPorts *ports, struct port *port)
{
    struct relay_message message = {
        .verb = RELAY_OPEN, .direction = (guint8)port->direction, .port = port->number};

    if (port->direction == RELAY_PUBLISH) {
        send_message(ports, &message, -1);
        return;
    }
    if (port->fds[0] < 0)
        set_error(ports, port, -relay_listen(port->number, port->fds));
    for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
        message.family = families[i];
        if (port->fds[i] >= 0)
            send_message(ports, &message, port->fds[i]);
    }
}

/* A socket of this namespace, for the relay to connect. */
static void
give_socket(WgwPorts *ports, struct relay_message *message)
{
    int family = message->family == AF_INET6 ? AF_INET6 : AF_INET;
    WGW_AUTOCLOSE int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    message->error = fd < 0 ? errno : 0;
    send_message(ports, message, fd);
}

static struct port *
find(GPtrArray *list, int direction, guint number)
{
    for (guint i = 0; i < list->len; i++) {
        struct port *port = list->pdata[i];

        if ((int)port->direction == direction && port->number == number)
            return port;
    }
    return NULL;
}

static gboolean
on_message(int fd, GIOCondition condition, gpointer user_data)
{
    WgwPorts *ports = user_data;
    struct relay_message message;
    WGW_AUTOCLOSE int received = -1;
    int r = relay_message_receive(fd, &message, &received);
    struct port *port;

    if (r == -EAGAIN)
        return G_SOURCE_CONTINUE;
    if (r < 0) {
        ports->source = 0;
        lose_relay(ports);
        return G_SOURCE_REMOVE;
    }
    if (message.verb == RELAY_SOCKET) {
        give_socket(ports, &message);
        return ports->source ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    }
    port = find(ports->ports, message.direction, message.port);
    if (port) {
        set_error(ports, port, message.error);
        ports->callbacks.changed(ports->user_data);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean
on_retry(gpointer user_data)
{
    WgwPorts *ports = user_data;

    ports->retry_timer = 0;
    ports->waiting = FALSE;
    for (guint i = 0; i < ports->ports->len; i++) {
        struct port *port = ports->ports->pdata[i];

        if (port->error != 0)
            open_port(ports, port);
    }
    ports->callbacks.changed(ports->user_data);
    return G_SOURCE_REMOVE;
}

static void
schedule_retry(WgwPorts *ports)
{
    if (!ports->retry_timer)
        ports->retry_timer = g_timeout_add_seconds(RETRY_SECONDS, on_retry, ports);
}

static void
end_relay(WgwPorts *ports)
{
    g_clear_handle_id(&ports->source, g_source_remove);
    wgw_fd_close(&ports->relay);
}

/* It has ended, or does not read. */
static void
lose_relay(WgwPorts *ports)
{
    end_relay(ports);
    ports->waiting = TRUE;
    schedule_retry(ports);
    ports->callbacks.changed(ports->user_data);
}

static gboolean
check_numbers(GVariant *numbers, GError **error)
{
    gsize n;
    const guint16 *all = g_variant_get_fixed_array(numbers, &n, sizeof *all);
    gboolean good = n <= WGW_PORTS_MAX;

    for (gsize i = 0; i < n; i++)
        good &= all[i] != 0;
    if (!good)
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("Ports are from 1 to 65535, and there may be %d of them."), WGW_PORTS_MAX);
    return good;
}

static void
collect(GPtrArray *list, GVariant *numbers, enum relay_direction direction)
{
    gsize n;
    const guint16 *all = g_variant_get_fixed_array(numbers, &n, sizeof *all);

    for (gsize i = 0; i < n; i++)
        if (!find(list, direction, all[i])) {
            struct port *port = g_new(struct port, 1);

            *port = (struct port){direction, all[i], 0, {-1, -1}};
            g_ptr_array_add(list, port);
        }
}

/* ---- Public ---- */

WgwPorts *
wgw_ports_new(const WgwPortsCallbacks *callbacks, gpointer user_data)
{
    WgwPorts *ports = g_new0(WgwPorts, 1);

    ports->ports = g_ptr_array_new_with_free_func(port_free);
    ports->relay = -1;
    ports->callbacks = *callbacks;
    ports->user_data = user_data;
    return ports;
}

void
wgw_ports_free(WgwPorts *ports)
{
    struct pollfd end = {.fd = ports->relay};

    g_clear_handle_id(&ports->retry_timer, g_source_remove);
    if (ports->relay >= 0) {
        /* Its ports on the host are free before anybody hears that the session is over. */
        shutdown(ports->relay, SHUT_WR);
        TEMP_FAILURE_RETRY(poll(&end, 1, END_PATIENCE_MS));
    }
    end_relay(ports);
    g_ptr_array_unref(ports->ports);
    g_free(ports);
}

gboolean
wgw_ports_set(WgwPorts *ports, GVariant *forward, GVariant *publish, GError **error)
{
    g_autoptr(GPtrArray) former = NULL;

    if (!check_numbers(forward, error) || !check_numbers(publish, error))
        return FALSE;
    former = g_steal_pointer(&ports->ports);
    ports->ports = g_ptr_array_new_with_free_func(port_free);
    collect(ports->ports, forward, RELAY_FORWARD);
    collect(ports->ports, publish, RELAY_PUBLISH);
    for (guint i = 0; i < former->len; i++) {
        struct port *port = former->pdata[i];
        struct port *same = find(ports->ports, (int)port->direction, port->number);
        struct relay_message message = {
            .verb = RELAY_SHUT, .direction = (guint8)port->direction, .port = port->number};

        if (same) {
            /* What is open, or was tried, is the new list's. */
            struct port blank = *same;

            *same = *port;
            *port = blank;
        } else
            send_message(ports, &message, -1);
    }
    for (guint i = 0; i < ports->ports->len; i++) {
        struct port *port = ports->ports->pdata[i];

        if (!find(former, (int)port->direction, port->number))
            open_port(ports, port);
    }
    if (ports->ports->len == 0)
        end_relay(ports);
    ports->callbacks.changed(ports->user_data);
    return TRUE;
}

gboolean
wgw_ports_need_relay(WgwPorts *ports)
{
    return ports->ports->len > 0 && ports->relay < 0 && !ports->waiting;
}

int
wgw_ports_take_relay(WgwPorts *ports, GError **error)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        g_set_error(error, WGW_ERROR, wgw_error_code_of(errno),
                    _("A socket cannot be made: %s. %s"), g_strerror(errno),
                    wgw_error_advice_on(errno));
        return -1;
    }
    end_relay(ports);
    ports->relay = pair[0];
    /* A relay that does not read is none; the other end may wait for us. */
    g_unix_set_fd_nonblocking(ports->relay, TRUE, NULL);
    ports->source = g_unix_fd_add(ports->relay, G_IO_IN | G_IO_HUP, on_message, ports);
    for (guint i = 0; i < ports->ports->len; i++)
        open_port(ports, ports->ports->pdata[i]);
    ports->callbacks.changed(ports->user_data);
    return pair[1];
}

GVariant *
wgw_ports_to_variant(WgwPorts *ports)
{
    GVariantBuilder list;

    g_variant_builder_init(&list, G_VARIANT_TYPE("a(sqs)"));
    for (guint i = 0; i < ports->ports->len; i++) {
        const struct port *port = ports->ports->pdata[i];
        g_autofree char *problem = dup_problem(ports, port);

        g_variant_builder_add(&list, "(sqs)", directions[port->direction], port->number, problem);
    }
    return g_variant_builder_end(&list);
}
