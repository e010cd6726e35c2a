/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* wg-wrap-supervisor: builds a session around itself, or enters one whose supervisor died, then keeps it
 * until the last program has gone.
 *
 * The order matters. Namespaces are left before any thread exists, and GIO makes threads; the
 * session's directory is opened before it is hidden; keys are read once nobody can look into this
 * process. --status-fd gets "ready", or the error's D-Bus name and message, as the last thing. */

#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "config.h"
#include "dbus/error.h"
#include "dbus/numbers.h"
#include "dbus/path.h"
#include "namespace/owner.h"
#include "supervisor/legacy.h"
#include "supervisor/plan.h"
#include "supervisor/session.h"
#include "supervisor/succession.h"

struct options {
    char *name;
    char *directory;
    int mtu;
    int linger; /* of a new session */
    int lock;
    int config;
    int udp4;
    int udp6;
    int status;
    int user; /* the namespaces of a session whose supervisor died, or -1 */
    int mount;
    int net;
};

/* Without a file, only a successor can do. */
static gboolean
is_complete(const struct options *options)
{
    gboolean succeeds = options->net >= 0;

    return options->name && options->directory && (options->lock >= 0 || succeeds) &&
           (options->config >= 0 || succeeds) && options->status >= 0 &&
           options->mtu >= WGW_PLAN_MIN_MTU && options->mtu <= WGW_PLAN_MAX_MTU &&
           options->linger >= 0;
}

static gboolean
parse_options(int argc, char **argv, struct options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"name", 0, 0, G_OPTION_ARG_STRING, &options->name, NULL, NULL},
        {"directory", 0, 0, G_OPTION_ARG_FILENAME, &options->directory, NULL, NULL},
        {"mtu", 0, 0, G_OPTION_ARG_INT, &options->mtu, NULL, NULL},
        {"linger", 0, 0, G_OPTION_ARG_INT, &options->linger, NULL, NULL},
        {"lock-fd", 0, 0, G_OPTION_ARG_INT, &options->lock, NULL, NULL},
        {"config-fd", 0, 0, G_OPTION_ARG_INT, &options->config, NULL, NULL},
        {"udp4-fd", 0, 0, G_OPTION_ARG_INT, &options->udp4, NULL, NULL},
        {"udp6-fd", 0, 0, G_OPTION_ARG_INT, &options->udp6, NULL, NULL},
        {"status-fd", 0, 0, G_OPTION_ARG_INT, &options->status, NULL, NULL},
        {"user-fd", 0, 0, G_OPTION_ARG_INT, &options->user, NULL, NULL},
        {"mount-fd", 0, 0, G_OPTION_ARG_INT, &options->mount, NULL, NULL},
        {"net-fd", 0, 0, G_OPTION_ARG_INT, &options->net, NULL, NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("— run by wg-wrapd");

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return FALSE;
    if (!is_complete(options)) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    "wg-wrap-supervisor is started by wg-wrapd.");
        return FALSE;
    }
    return TRUE;
}

static void
set_cloexec(int fd)
{
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* GLib ends a process that it cannot give a thread. So try before, while there is somebody to be told,
 * and nothing that would be left behind: as many as GIO makes here, and the engine with its own. */
#define N_THREADS 12

static gpointer
wait_in_thread(gpointer user_data)
{
    g_rw_lock_reader_lock(user_data);
    g_rw_lock_reader_unlock(user_data);
    return NULL;
}

static gboolean
check_threads(GError **error)
{
    GThread *threads[N_THREADS] = {NULL};
    gboolean done = TRUE;
    GRWLock gate;

    g_rw_lock_init(&gate);
    g_rw_lock_writer_lock(&gate);
    for (gsize i = 0; i < N_THREADS && done; i++) {
        threads[i] = g_thread_try_new("check", wait_in_thread, &gate, NULL);
        done = threads[i] != NULL;
    }
    g_rw_lock_writer_unlock(&gate);
    for (gsize i = 0; i < N_THREADS && threads[i]; i++)
        g_thread_join(threads[i]);
    g_rw_lock_clear(&gate);
    if (!done)
        g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                    _("The session cannot be started: no more threads. %s"),
                    wgw_error_advice_on(EAGAIN));
    return done;
}

/* What the session has, for a successor, and else what the file says. */
static WgwSecret *
read_configuration(struct options *options, GError **error)
{
    guint path_mtu = (guint)options->mtu;
    WgwSecret *text = options->net >= 0 ? wgw_succession_dup_legacy(options->net, &path_mtu) : NULL;

    options->mtu = (int)path_mtu;
    if (!text && options->config >= 0)
        text = wgw_secret_read(options->config, WGW_CONFIG_MAX_SIZE, error);
    else if (!text)
        g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE,
                    _("The profile “%s” is gone, and what its tunnel knew of it, too. Put its file "
                      "back, or close the programs in the tunnel, which have no connection."),
                    options->name);
    wgw_fd_close(&options->config);
    return text;
}

/* Everything up to the main loop. On success @ret has all but a session. */
static gboolean
build(struct options *options, WgwSessionParts *ret, GError **error)
{
    g_autofree char *hidden = wgw_path_runtime();
    g_autoptr(WgwSecret) text = NULL;
    g_autoptr(WgwConfig) config = NULL;
    WGW_AUTOCLOSE int legacy = -1;
    int r;
    g_auto(WgwPlan) plan = {0};
    WgwLife life = {.linger = (guint)options->linger};
    struct ns_box box;
    struct ns_owner owner = NS_OWNER_INIT;
    struct ns_failure failure;
    gboolean taken_over;
    WgwPrivateBusParts bus = WGW_PRIVATE_BUS_INIT;
    WGW_AUTOCLOSE int directory = -1;

    directory = open(options->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, "%s: %s", options->directory,
                    g_strerror(errno));
        return FALSE;
    }
    taken_over = options->net >= 0;
    if (!taken_over)
        owner = ns_owner_stay();
    if ((taken_over ? ns_box_enter(options->user, options->mount, options->net, &failure)
                    : ns_box_unshare(&failure)) < 0) {
        g_propagate_error(error, wgw_error_from_ns(&failure));
        return FALSE;
    }
    /* From here on nobody of the same user may look into this process. */
    prctl(PR_SET_DUMPABLE, 0);
    if (!check_threads(error))
        return FALSE;
    text = read_configuration(options, error);
    config = text ? wgw_config_parse(wgw_secret_get_text(text), (gssize)wgw_secret_get_length(text),
                                     WGW_CONFIG_SECRETS, NULL, error)
                  : NULL;
    if (!config || !wgw_config_check_usable(config, error))
        return FALSE;
    legacy = wgw_legacy_new();
    r = legacy < 0 ? -errno : wgw_legacy_write(legacy, text, (guint)options->mtu);
    if (r < 0) {
        g_set_error(error, WGW_ERROR, wgw_error_code_of(-r),
                    _("The session's configuration cannot be kept: %s. %s"), g_strerror(-r),
                    wgw_error_advice_on(-r));
        return FALSE;
    }
    if (taken_over && !wgw_succession_begin(options->net, directory, &options->lock, &options->udp4,
                                            &options->udp6, &bus, error))
        return FALSE;
    if (taken_over)
        wgw_life_read(directory, &life);
    wgw_plan_init(&plan, config, (guint)options->mtu, hidden, NULL);
    if ((taken_over ? ns_box_take_over(&box, &failure) : ns_box_build(&plan.plan, &box, &failure)) <
        0) {
        g_propagate_error(error, wgw_error_from_ns(&failure));
        return FALSE;
    }
    ns_owner_give(&owner, box.tun);
    *ret = (WgwSessionParts){
        .name = g_steal_pointer(&options->name),
        .directory = wgw_fd_steal(&directory),
        .config = g_steal_pointer(&config),
        .legacy = wgw_fd_steal(&legacy),
        .box = box,
        .udp4 = options->udp4,
        .udp6 = options->udp6,
        .anchor_pidfd = -1,
        .lock = options->lock,
        .private_bus = bus,
        .path_mtu = (guint)options->mtu,
        .life = life,
        .taken_over = taken_over,
    };
    return TRUE;
}

/* For the callbacks. */
struct run {
    GMainLoop *loop;
    int status; /* -1: all was said */
    int exit_code;
};

/* The one word to wg-wrapd: "ready", or why not. It may be gone; the session does not need it. */
static void
say(int *status, const GError *error)
{
    g_autofree char *name = error ? g_dbus_error_encode_gerror(error) : NULL;
    g_autofree char *message = error ? g_strdelimit(g_strdup(error->message), "\n", ' ') : NULL;
    g_autofree char *text =
        error ? g_strdup_printf("%s\n%s\n", name, message) : g_strdup("ready\n");

    if (*status >= 0)
        wgw_fd_write_all(*status, text, strlen(text));
    wgw_fd_close(status);
}

static int
watch_children(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static gboolean
on_sigchld(int fd, GIOCondition condition, gpointer user_data)
{
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof info) == sizeof info)
        continue;
    wgw_session_reap(user_data);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_told_to_end(gpointer user_data)
{
    wgw_session_close(user_data, TRUE);
    return G_SOURCE_CONTINUE;
}

static void
on_ready(const GError *error, gpointer user_data)
{
    struct run *run = user_data;

    say(&run->status, error);
    if (error) {
        run->exit_code = 1;
        g_main_loop_quit(run->loop);
    }
}

static void
on_ended(gpointer user_data)
{
    struct run *run = user_data;

    g_main_loop_quit(run->loop);
}

/* What we open must not become one of these by chance: they are given to programs by number. */
static void
open_standard_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    wgw_fd_close(&fd);
}

int
main(int argc, char **argv)
{
    static const int endings[] = {SIGTERM, SIGINT, SIGHUP};
    struct options options = {.lock = -1,
                              .config = -1,
                              .udp4 = -1,
                              .udp6 = -1,
                              .status = -1,
                              .user = -1,
                              .mount = -1,
                              .net = -1};
    struct run run = {.status = -1};
    g_autoptr(GMainLoop) loop = NULL;
    g_autoptr(GError) error = NULL;
    WGW_AUTOCLOSE int children = -1;
    WgwSessionParts parts;
    WgwSession *session;
    sigset_t set;

    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    wgw_numbers_use();
    open_standard_streams();

    /* Before GIO makes threads, which inherit it: SIGCHLD is for the signalfd. What wg-wrapd may
     * have had blocked is not for us to keep. */
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setsid();

    if (!parse_options(argc, argv, &options, &error)) {
        say(&options.status, error);
        g_printerr("%s\n", error->message);
        return 2;
    }
    set_cloexec(options.lock);
    set_cloexec(options.udp4);
    set_cloexec(options.udp6);
    set_cloexec(options.status);
    set_cloexec(options.user);
    set_cloexec(options.mount);
    set_cloexec(options.net);
    run.status = options.status;
    if (!build(&options, &parts, &error)) {
        say(&run.status, error);
        return 1;
    }
    children = watch_children();
    run.loop = loop = g_main_loop_new(NULL, FALSE);
    session = wgw_session_new(&parts, &(WgwSessionCallbacks){on_ready, on_ended}, &run, &error);
    if (!session) {
        say(&run.status, error);
        return 1;
    }
    g_unix_fd_add(children, G_IO_IN, on_sigchld, session);
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
        g_unix_signal_add(endings[i], on_told_to_end, session);

    g_main_loop_run(loop);
    wgw_session_free(session);
    return run.exit_code;
}
