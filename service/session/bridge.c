/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The proxy is not tied to this process: programs keep their bus while one wg-wrapd follows another. So
 * its socket is all that is known of it, by whom it was started: who serves that is asked of the kernel
 * (SO_PEERCRED), and what nobody serves is made anew. */
#include "session/bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/bridge.h"
#include "base/fd.h"
#include "session/runtime.h"

#define PROXY "xdg-dbus-proxy"

/* It is there in some milliseconds. */
#define PATIENCE_SECONDS 5

/* One that ends sooner than this is started again by who needs it, and not at once. */
#define STILLBORN_US G_USEC_PER_SEC

struct asker {
    void (*callback)(gpointer user_data);
    gpointer user_data;
};

struct _WgwBridge {
    char *bus;
    char address[WGW_BRIDGE_SIZE];
    const char *path; /* in address; NULL: there is nothing to bridge */
    guint holds;
    guint idle;     /* nobody holds it any more */
    GQueue askers;  /* struct asker, while it is being started */
    int ready;      /* the pipe that tells when it is, or -1 */
    guint word;     /* of ready */
    guint patience; /* with ready */
    int pidfd;      /* of the proxy, or -1: not known of */
    guint end;      /* of pidfd */
    gint64 started; /* monotonic, µs */
};

static void begin(WgwBridge *bridge);

/* ---- The proxy that is there ---- */

static void
end_proxy(WgwBridge *bridge)
{
    if (bridge->pidfd >= 0)
        pidfd_send_signal(bridge->pidfd, SIGTERM, NULL, 0);
    g_clear_handle_id(&bridge->end, g_source_remove);
    wgw_fd_close(&bridge->pidfd);
}

static gboolean
on_end(int fd, GIOCondition condition, gpointer user_data)
{
    WgwBridge *bridge = user_data;

    bridge->end = 0;
    wgw_fd_close(&bridge->pidfd);
    if (bridge->holds > 0 && bridge->ready < 0 &&
        g_get_monotonic_time() - bridge->started >= STILLBORN_US)
        begin(bridge);
    return G_SOURCE_REMOVE;
}

static void
watch(WgwBridge *bridge, pid_t pid)
{
    if (bridge->pidfd < 0 && (bridge->pidfd = pidfd_open(pid, 0)) >= 0)
        bridge->end = g_unix_fd_add(bridge->pidfd, G_IO_IN, on_end, bridge);
}

/* Whether it is there; then its end will be noticed. */
static gboolean
find(WgwBridge *bridge)
{
    int pid = 0;
    WGW_AUTOCLOSE int connection = wgw_bridge_connect(bridge->path, &pid);

    if (connection < 0)
        return connection == -EAGAIN; /* more knock than it can answer at once */
    watch(bridge, pid);
    return TRUE;
}

void
wgw_bridge_close(WgwBridge *bridge)
{
    g_autofree char *directory = bridge->path ? g_path_get_dirname(bridge->path) : NULL;

    if (!bridge->path)
        return;
    find(bridge);
    unlink(bridge->path);
    rmdir(directory); /* another bus's may be in it */
    end_proxy(bridge);
}

/* ---- The start ---- */

/* It is there, or cannot be. */
static void
conclude(WgwBridge *bridge)
{
    GQueue askers = bridge->askers;
    struct asker *asker;

    g_clear_handle_id(&bridge->word, g_source_remove);
    g_clear_handle_id(&bridge->patience, g_source_remove);
    wgw_fd_close(&bridge->ready);
    g_queue_init(&bridge->askers);
    while ((asker = g_queue_pop_head(&askers))) {
        asker->callback(asker->user_data);
        wgw_bridge_release(bridge);
        g_free(asker);
    }
}

static gboolean
on_word(int fd, GIOCondition condition, gpointer user_data)
{
    WgwBridge *bridge = user_data;

    bridge->word = 0;
    if (!find(bridge))
        g_message("%s does not start", PROXY);
    conclude(bridge);
    return G_SOURCE_REMOVE;
}

static gboolean
on_patience(gpointer user_data)
{
    WgwBridge *bridge = user_data;

    bridge->patience = 0;
    conclude(bridge);
    return G_SOURCE_REMOVE;
}

static gboolean
start(WgwBridge *bridge)
{
    g_autofree char *program = g_find_program_in_path(PROXY);
    g_autofree char *directory = g_path_get_dirname(bridge->path);
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_autoptr(GSubprocess) process = NULL;
    g_autoptr(GError) error = NULL;
    const char *pid;
    int pair[2];

    if (!program)
        return FALSE;
    if (!wgw_runtime_make_private(directory, &error) ||
        !g_unix_open_pipe(pair, FD_CLOEXEC, &error)) {
        g_message("%s: %s", PROXY, error->message);
        return FALSE;
    }
    unlink(bridge->path);
    end_proxy(bridge); /* somebody has cleared its socket up, else it would be there */
    g_subprocess_launcher_set_cwd(launcher, "/");
    /* It ends when nobody has the other end any more, so it gets that, too. */
    g_subprocess_launcher_take_fd(launcher, pair[1], 3);
    g_subprocess_launcher_take_fd(launcher, fcntl(pair[0], F_DUPFD_CLOEXEC, 3), 4);
    process = g_subprocess_launcher_spawn(launcher, &error, program, "--fd=3", bridge->bus,
                                          bridge->path, NULL);
    g_subprocess_launcher_close(launcher);
    if (!process) {
        g_message("%s: %s", PROXY, error->message);
        close(pair[0]);
        return FALSE;
    }
    if ((pid = g_subprocess_get_identifier(process))) /* it has not ended yet */
        watch(bridge, atoi(pid));
    bridge->started = g_get_monotonic_time();
    bridge->ready = pair[0];
    bridge->word = g_unix_fd_add(bridge->ready, G_IO_IN | G_IO_HUP, on_word, bridge);
    bridge->patience = g_timeout_add_seconds(PATIENCE_SECONDS, on_patience, bridge);
    return TRUE;
}

static void
begin(WgwBridge *bridge)
{
    if (bridge->ready < 0 && (find(bridge) || !start(bridge)))
        conclude(bridge);
}

/* ---- Public ---- */

WgwBridge *
wgw_bridge_new(const char *bus)
{
    WgwBridge *bridge = g_new0(WgwBridge, 1);

    bridge->bus = g_strdup(bus);
    bridge->ready = -1;
    bridge->pidfd = -1;
    g_queue_init(&bridge->askers);
    if (bus && wgw_bridge_address(bus, bridge->address) == 0)
        bridge->path = bridge->address + strlen(WGW_BRIDGE_PREFIX);
    return bridge;
}

static gboolean
on_idle(gpointer user_data)
{
    WgwBridge *bridge = user_data;

    bridge->idle = 0;
    if (bridge->holds == 0)
        wgw_bridge_close(bridge);
    return G_SOURCE_REMOVE;
}

void
wgw_bridge_settle(WgwBridge *bridge)
{
    if (bridge->holds == 0 && bridge->idle == 0)
        bridge->idle = g_idle_add(on_idle, bridge);
}

void
wgw_bridge_hold(WgwBridge *bridge)
{
    if (bridge->holds++ == 0 && bridge->path)
        begin(bridge);
}

void
wgw_bridge_release(WgwBridge *bridge)
{
    bridge->holds--;
    /* Later, for who lets it go may be about to hold it again. */
    wgw_bridge_settle(bridge);
}

void
wgw_bridge_ask(WgwBridge *bridge, void (*callback)(gpointer user_data), gpointer user_data)
{
    struct asker *asker;

    if (!bridge->path) {
        callback(user_data);
        return;
    }
    bridge->holds++;
    asker = g_new(struct asker, 1);
    *asker = (struct asker){callback, user_data};
    g_queue_push_tail(&bridge->askers, asker);
    begin(bridge);
}

const char *
wgw_bridge_look_up(WgwBridge *bridge, const char *bus)
{
    char address[WGW_BRIDGE_SIZE];

    if (bus && bridge->path && wgw_bridge_address(bus, address) == 0 &&
        strcmp(address, bridge->address) == 0 && find(bridge))
        return bridge->address;
    return NULL;
}
