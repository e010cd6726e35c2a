/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "namespace/box.h"
#include "supervisor/spawn.h"

#define PUBLIC_SOCKET NS_WIREGUARD_DIRECTORY "/" NS_INTERFACE ".sock"

/* One that dies at once is started again after a pause that doubles from the first to the last. */
#define FIRST_PAUSE_MS 50
#define LAST_PAUSE_MS  2000
#define LIVED_LONG_US  (2 * G_USEC_PER_SEC)

/* One that was never configured does not work here; unless it was killed, and that is not so often. */
#define MAX_ATTEMPTS 3

enum { TUN, UDP4, UDP6, UAPI, PUBLIC_UAPI, EVENT, N_FDS };

static const char *const options[N_FDS] = {"tun-fd",  "udp4-fd",        "udp6-fd",
                                           "uapi-fd", "public-uapi-fd", "event-fd"};

struct _WgwEngine {
    int fds[N_FDS];
    int legacy;        /* lent */
    char *socket_path; /* of UAPI, through /proc/self/fd: the directory itself is hidden inside */
    pid_t pid;
    gint64 started_at; /* monotonic, µs */
    guint pause_ms;
    guint restart;
    guint event_source;
    gboolean configured; /* once at least */
    guint attempts;      /* until then */
    GCancellable *cancellable;
    WgwEngineCallbacks callbacks;
    gpointer user_data;
};

static int
listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    WGW_AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0077);
    gboolean done;

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    unlink(path); /* a predecessor's */
    done = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(fd, SOMAXCONN) == 0;
    umask(mask);
    return done ? wgw_fd_steal(&fd) : -1;
}

static gboolean
on_event(int fd, GIOCondition condition, gpointer user_data)
{
    WgwEngine *engine = user_data;
    guint64 count;

    if (read(fd, &count, sizeof count) == sizeof count)
        engine->callbacks.event(engine->user_data);
    return G_SOURCE_CONTINUE;
}

static void
on_configured(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    WgwEngine *engine = user_data;

    if (wgw_uapi_set_finish(result, &error)) {
        engine->configured = TRUE;
        engine->callbacks.configured(engine->user_data);
    } else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        engine->callbacks.failed(error, engine->user_data);
        /* The next one is told again, as is that of an engine that died in between. */
        if (engine->configured && engine->pid > 0)
            kill(engine->pid, SIGKILL);
    }
}

static gboolean
start(WgwEngine *engine, GError **error)
{
    g_autofree char *program = NULL;
    char *path = wgw_program_path("wg-wrap-engine");
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    const char *environment[] = {NULL};
    int sources[4 + N_FDS], targets[4 + N_FDS];
    WGW_AUTOCLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    gsize n = 0;

    program = g_strdup(path);
    free(path);
    g_ptr_array_add(argv, g_strdup(program));
    sources[n] = null;
    targets[n++] = 0;
    sources[n] = STDERR_FILENO;
    targets[n++] = 1;
    sources[n] = STDERR_FILENO;
    targets[n++] = 2;
    sources[n] = engine->legacy;
    targets[n++] = WGW_ENGINE_LEGACY;
    for (int i = 0; i < N_FDS; i++) {
        int target = engine->fds[i] < 0 ? -1 : WGW_ENGINE_TUN + i;

        g_ptr_array_add(argv, g_strdup_printf("--%s=%d", options[i], target));
        if (target < 0)
            continue;
        sources[n] = engine->fds[i];
        targets[n++] = target;
    }
    g_ptr_array_add(argv, NULL);

    engine->pid = wgw_spawn_with((const char *const *)argv->pdata, environment, "/", NULL, sources,
                                 targets, n, error);
    if (engine->pid < 0) {
        engine->pid = 0;
        return FALSE;
    }
    engine->started_at = g_get_monotonic_time();
    engine->callbacks.pid_changed(engine->pid, engine->user_data);
    /* Its listener exists already, so there is nothing to wait for. */
    wgw_engine_set_async(engine, engine->callbacks.configuration(engine->user_data), on_configured,
                         engine);
    return TRUE;
}

static gboolean
on_restart(gpointer user_data)
{
    WgwEngine *engine = user_data;
    g_autoptr(GError) error = NULL;

    engine->restart = 0;
    if (!start(engine, &error)) {
        engine->callbacks.failed(error, engine->user_data);
        engine->restart = g_timeout_add(LAST_PAUSE_MS, on_restart, engine);
    }
    return G_SOURCE_REMOVE;
}

WgwEngine *
wgw_engine_new(int tun,
               int udp4,
               int udp6,
               int legacy,
               int directory,
               const WgwEngineCallbacks *callbacks,
               gpointer user_data,
               GError **error)
{
    WgwEngine *engine = g_new0(WgwEngine, 1);

    engine->socket_path = g_strdup_printf("/proc/self/fd/%d/engine", directory);
    engine->fds[TUN] = tun;
    engine->fds[UDP4] = udp4;
    engine->fds[UDP6] = udp6;
    engine->legacy = legacy;
    engine->fds[UAPI] = listen_at(engine->socket_path);
    engine->fds[PUBLIC_UAPI] = listen_at(PUBLIC_SOCKET);
    engine->fds[EVENT] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->cancellable = g_cancellable_new();
    engine->callbacks = *callbacks;
    engine->user_data = user_data;
    if (engine->fds[UAPI] < 0 || engine->fds[PUBLIC_UAPI] < 0 || engine->fds[EVENT] < 0) {
        g_set_error(error, WGW_ERROR, wgw_error_code_of(errno),
                    _("The WireGuard engine's socket cannot be made: %s. %s"), g_strerror(errno),
                    wgw_error_advice_on(errno));
        wgw_engine_stop(engine);
        return NULL;
    }
    engine->event_source = g_unix_fd_add(engine->fds[EVENT], G_IO_IN, on_event, engine);
    return engine;
}

gboolean
wgw_engine_start(WgwEngine *engine, GError **error)
{
    return start(engine, error);
}

void
wgw_engine_halt(WgwEngine *engine)
{
    g_clear_handle_id(&engine->restart, g_source_remove);
    g_cancellable_cancel(engine->cancellable);
    g_object_unref(engine->cancellable);
    engine->cancellable = g_cancellable_new();
    if (engine->pid > 0) {
        kill(engine->pid, SIGKILL);
        waitpid(engine->pid, NULL, 0);
    }
    engine->pid = 0;
}

void
wgw_engine_resume(WgwEngine *engine)
{
    engine->restart = g_timeout_add(WGW_ENGINE_PAUSE_MS, on_restart, engine);
}

void
wgw_engine_stop(WgwEngine *engine)
{
    wgw_engine_halt(engine);
    g_clear_handle_id(&engine->event_source, g_source_remove);
    g_object_unref(engine->cancellable);
    for (int i = 0; i < N_FDS; i++)
        wgw_fd_close(&engine->fds[i]);
    g_free(engine->socket_path);
    g_free(engine);
}

pid_t
wgw_engine_get_pid(WgwEngine *engine)
{
    return engine->pid;
}

gboolean
wgw_engine_reaped(WgwEngine *engine, pid_t pid, int status)
{
    if (engine->pid != pid)
        return FALSE;
    engine->pid = 0;
    if (!engine->configured && ++engine->attempts == MAX_ATTEMPTS) {
        g_autoptr(GError) error =
            g_error_new(WGW_ERROR, WGW_ERROR_FAILED,
                        _("The WireGuard engine does not run (it ended with wait status %d). Run "
                          "“wg-wrap doctor”, or install wg-wrap anew."),
                        status);

        engine->callbacks.failed(error, engine->user_data);
        return TRUE;
    }
    engine->callbacks.pid_changed(0, engine->user_data);
    if (g_get_monotonic_time() - engine->started_at > LIVED_LONG_US)
        engine->pause_ms = 0;
    g_message("engine: ended (status %d); another one starts", status);
    engine->restart = g_timeout_add(MAX(engine->pause_ms, WGW_ENGINE_PAUSE_MS), on_restart, engine);
    engine->pause_ms = CLAMP(2 * engine->pause_ms, FIRST_PAUSE_MS, LAST_PAUSE_MS);
    return TRUE;
}

void
wgw_engine_set_async(WgwEngine *engine,
                     WgwSecret *request,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
    wgw_uapi_set_async(engine->socket_path, request, engine->cancellable, callback, user_data);
}

void
wgw_engine_get_async(WgwEngine *engine, GAsyncReadyCallback callback, gpointer user_data)
{
    wgw_uapi_get_async(PUBLIC_SOCKET, engine->cancellable, callback, user_data);
}
