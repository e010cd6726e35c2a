/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/alone.h"
#include "engine/carry.h"
#include "engine/control.h"
#include "engine/engine.h"
#include "engine/host.h"
#include "engine/log.h"
#include "engine/options.h"
#include "engine/resident.h"
#include "engine/sandbox.h"
#include "engine/watch.h"

/* In this order, each stage a function: take what was handed in or make it, go to the background, give up
 * privileges, start the threads, close the sandbox, open the gate. */

struct program {
    struct options options;
    bool is_alone;
    struct alone alone;
    struct engine engine;
    struct udp_queue queue;
    struct host host;
    struct loop loop;
    struct control control, public_control;
    struct watch links, routes;
    struct loop_source timer, stop, signals;
    struct carriers carriers;
};

static int
fail(int r, const char *what)
{
    log_say(LOG_ERROR, "%s: %s", what, strerror(-r));
    return r;
}

/* ---- Callbacks ---- */

static void
timer_ready(struct loop_source *source, uint32_t events)
{
    struct program *program = loop_container(source, struct program, timer);

    engine_run_timers(&program->engine, &program->queue);
}

static void
stop_ready(struct loop_source *source, uint32_t events)
{
    loop_stop(&loop_container(source, struct program, stop)->loop);
}

static void
signals_ready(struct loop_source *source, uint32_t events)
{
    loop_stop(&loop_container(source, struct program, signals)->loop);
}

static void
mtu_changed(void *context, unsigned mtu)
{
    struct program *program = context;

    program->engine.mtu = mtu;
}

static void
routes_changed(void *context)
{
    struct program *program = context;

    engine_network_changed(&program->engine, &program->queue);
}

static void
interrupt(int number)
{
}

/* ---- Stages ---- */

static int
take(struct program *program)
{
    const struct options *options = &program->options;
    struct engine *engine = &program->engine;
    int r;

    r = tun_attach(&engine->tun, options->tun_fd, options->tun_refusals);
    if (r < 0)
        return fail(r, "--tun-fd");
    if (options->route_fd < 0)
        engine->udp_refusals |= UDP_NOT_STICKY;
    if (options->udp4_fd >= 0) {
        r = udp_attach(&engine->udp4, AF_INET, options->udp4_fd, engine->udp_refusals);
        if (r < 0)
            return fail(r, "--udp4-fd");
    }
    if (options->udp6_fd >= 0) {
        r = udp_attach(&engine->udp6, AF_INET6, options->udp6_fd, engine->udp_refusals);
        if (r < 0)
            return fail(r, "--udp6-fd");
    }
    engine->event_fd = options->event_fd;
    program->routes.source.fd = options->route_fd;
    return 0;
}

static int
make(struct program *program)
{
    struct engine *engine = &program->engine;
    int r;

    r = tun_create(&engine->tun, program->options.interface, program->options.tun_refusals);
    if (r < 0)
        return fail(r, "cannot make the interface");
    r = host_open_sockets(&engine->udp4, &engine->udp6, 0, 0, engine->udp_refusals);
    if (r < 0)
        return fail(r, "cannot open UDP sockets");
    r = watch_open(WATCH_ROUTES);
    if (r < 0)
        return fail(r, "cannot watch routes");
    program->routes.source.fd = r;
    r = alone_listen(&program->alone, engine->tun.name);
    if (r < 0)
        return fail(r, "cannot listen for configuration");
    if (!program->options.foreground) {
        r = alone_daemonize(getenv("LOG_LEVEL") && log_get_level() > LOG_SILENT);
        if (r < 0)
            return fail(r, "cannot go to the background");
    }
    return 0;
}

/* The interface's MTU, now and in future. */
static int
watch_interface(struct program *program)
{
    struct engine *engine = &program->engine;
    int r;

    program->links = (struct watch){
        .context = program,
        .name = engine->tun.name,
        .mtu_changed = mtu_changed,
    };
    r = watch_open(WATCH_LINKS);
    if (r < 0)
        return r;
    program->links.source.fd = r;
    r = watch_get_mtu(program->links.source.fd, engine->tun.name);
    if (r < 0)
        return r;
    engine->mtu = (unsigned)r;
    return watch_init(&program->links, &program->loop, program->links.source.fd);
}

static int
watch_signals(struct program *program)
{
    const struct sigaction interruption = {.sa_handler = interrupt};
    sigset_t set;

    /* SIGUSR1 only interrupts a thread's system call. */
    sigaction(SIGUSR1, &interruption, NULL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    program->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    program->signals.ready = signals_ready;
    if (program->signals.fd < 0)
        return -errno;
    return loop_add(&program->loop, &program->signals, EPOLLIN);
}

static int
set_up(struct program *program)
{
    struct engine *engine = &program->engine;
    const struct options *options = &program->options;
    struct loop *loop = &program->loop;
    int r;

    r = loop_init(loop);
    if (r == 0)
        r = engine_init(engine);
    if (r == 0)
        r = watch_interface(program);
    if (r == 0)
        r = watch_signals(program);
    if (r < 0)
        return r;
    program->queue.udp4 = &engine->udp4;
    program->queue.udp6 = &engine->udp6;
    host_init(&program->host, engine, &program->queue, program->is_alone);
    program->routes.context = program;
    program->routes.routes_changed = routes_changed;
    if (program->routes.source.fd >= 0)
        r = watch_init(&program->routes, loop, program->routes.source.fd);
    program->timer = (struct loop_source){.fd = engine->timer_fd, .ready = timer_ready};
    program->stop = (struct loop_source){.fd = engine->stop_fd, .ready = stop_ready};
    if (r == 0)
        r = loop_add(loop, &program->timer, EPOLLIN);
    if (r == 0)
        r = loop_add(loop, &program->stop, EPOLLIN);
    if (r < 0)
        return r;
    if (program->is_alone) {
        r = alone_watch(&program->alone, loop);
        return r < 0 ? r
                     : control_init(&program->control, loop, &program->host.uapi, UAPI_PLAIN,
                                    wgw_fd_steal(&program->alone.listener));
    }
    r = control_init(&program->control, loop, &program->host.uapi, UAPI_SUPERVISOR,
                     options->uapi_fd);
    if (r == 0 && options->public_uapi_fd >= 0)
        r = control_init(&program->public_control, loop, &program->host.uapi, UAPI_PUBLIC,
                         options->public_uapi_fd);
    return r;
}

static void
clear(struct program *program)
{
    if (program->control.loop)
        control_clear(&program->control);
    if (program->public_control.loop)
        control_clear(&program->public_control);
    if (program->is_alone)
        alone_clear(&program->alone);
    wgw_fd_close(&program->links.source.fd);
    wgw_fd_close(&program->routes.source.fd);
    wgw_fd_close(&program->signals.fd);
    loop_clear(&program->loop);
    engine_clear(&program->engine);
}

static int
run(struct program *program)
{
    enum sandbox_kind kind = program->is_alone ? SANDBOX_ALONE : SANDBOX_SESSION;
    int r;

    r = program->is_alone ? make(program) : take(program);
    if (r < 0)
        return r;
    r = sandbox_drop_privileges(kind);
    if (r < 0)
        return fail(r, "cannot drop privileges");
    r = set_up(program);
    if (r < 0)
        return fail(r, "cannot set up");
    /* Main and both carriers. */
    pthread_barrier_init(&program->engine.gate, NULL, 3);
    r = carry_start(&program->carriers, &program->engine);
    /* Without all of them nobody would open the gate. */
    if (r < 0)
        _exit(EXIT_FAILURE);
    pthread_barrier_wait(&program->engine.gate);
    resident_trim();
    r = program->options.without_sandbox ? 0 : sandbox_close(kind);
    if (r < 0) {
        fail(r, "cannot close the sandbox");
        _exit(EXIT_FAILURE);
    }
    pthread_barrier_wait(&program->engine.gate);
    log_say(LOG_VERBOSE, "up: %s, offloads %s", program->engine.tun.name,
            program->engine.tun.does_udp     ? "TCP and UDP"
            : program->engine.tun.has_header ? "TCP"
                                             : "none");
    r = loop_run(&program->loop);
    program->engine.is_stopping = true;
    carry_stop(&program->carriers);
    log_say(LOG_VERBOSE, "down");
    return r;
}

int
main(int argc, char **argv)
{
    static struct program program = {
        .alone = {.source.fd = -1, .directory = -1, .listener = -1},
        .engine = {.tun.fd = -1,
                   .udp4 = {.fd = -1, .family = AF_INET},
                   .udp6 = {.fd = -1, .family = AF_INET6},
                   .event_fd = -1,
                   .timer_fd = -1,
                   .stop_fd = -1,
                   .carry_fd = -1},
        .loop.fd = -1,
        .links.source.fd = -1,
        .routes.source.fd = -1,
        .signals.fd = -1,
    };
    int r;

    log_init("wg-wrap-engine");
    r = options_parse(&program.options, argc, argv);
    if (r != 0)
        return r > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    program.is_alone = program.options.interface != NULL;
    program.engine.udp_refusals = program.options.udp_refusals;
    r = run(&program);
    clear(&program);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
