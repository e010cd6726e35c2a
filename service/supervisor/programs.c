/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/programs.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "namespace/members.h"
#include "supervisor/process.h"
#include "supervisor/spawn.h"

#define N_IGNORED 3

/* A join takes some milliseconds; on a busy machine it is looked at more than once. */
#define RENAME_AFTER_MS 200
#define MAX_LOOKS       50

/* An application that has ended well after less than this, and left nothing, did not do its work here. */
#define HANDED_OVER_US (5 * G_USEC_PER_SEC)

/* What is killed is gone in an instant; it may be writing a core file on a busy machine. */
#define END_PATIENCE_MS 3000

/* What the kernel keeps of a process's name, without the NUL. */
#define MAX_NAME 15

struct program {
    pid_t pid;
    int pidfd;
    guint watch;     /* of pidfd; 0 for a child, whose end SIGCHLD tells */
    guint rename;    /* until it has become what it came for */
    guint looks;     /* how often that was waited for */
    gboolean joined; /* and is perhaps still on its way in */
    gboolean told;   /* that it is there */
    gint64 spawned;  /* monotonic, µs */
    char *command;   /* what was spawned, without directories; NULL for who came otherwise */
    char *name;
    char *desktop_id;
    WgwPrograms *owner;
};

/* For wgw_programs_end_all. */
struct everybody {
    WgwPrograms *programs;
    int number;
};

/* For wgw_programs_end_helpers. */
struct helpers {
    WgwPrograms *programs;
    GArray *pidfds;
};

/* Of a program, while the bus is asked who it has left there. */
struct ending {
    WgwPrograms *programs;
    pid_t pid;
    int status;
};

struct _WgwPrograms {
    GHashTable *table; /* pid -> struct program (owned) */
    pid_t ignored[N_IGNORED];
    WgwPrivateBus *bus; /* lent, or NULL */
    int net_ns;
    gboolean adopting;
    gboolean missed;              /* the last scan found somebody whom it could not count */
    const struct program *leaver; /* whose end is being looked into, or NULL */
    WgwProgramsCallbacks callbacks;
    gpointer user_data;
};

static void
program_free(gpointer data)
{
    struct program *program = data;

    g_clear_handle_id(&program->watch, g_source_remove);
    g_clear_handle_id(&program->rename, g_source_remove);
    wgw_fd_close(&program->pidfd);
    g_free(program->command);
    g_free(program->name);
    g_free(program->desktop_id);
    g_free(program);
}

/* Whether @program's application is in the session: launched so, or run by name. */
static gboolean
has_copy(WgwPrograms *programs, const struct program *program)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, programs->table);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct program *other = value;

        if (g_str_equal(other->desktop_id, program->desktop_id) ||
            strncmp(other->name, program->command, MAX_NAME) == 0)
            return TRUE;
    }
    return FALSE;
}

/* An application that asked a copy of itself to do the work ends well, at once, and alone. Where no
 * copy is in the session, that one is outside. (A command may be as short as it likes.) */
static gboolean
was_handed_over(WgwPrograms *programs, const struct program *program, int status)
{
    return program->command && *program->desktop_id && status == 0 &&
           g_get_monotonic_time() - program->spawned < HANDED_OVER_US && !programs->missed &&
           !has_copy(programs, program);
}

/* Nothing to say of a program that succeeded, of which nothing is known, or whom nobody but another
 * program has launched, whose own business it is. */
static char *
describe_end(WgwPrograms *programs, const struct program *program, int status)
{
    const char *name = program->name;

    if (!program->command)
        return g_strdup("");
    if (was_handed_over(programs, program, status))
        return g_strdup_printf(
            _("%s ended at once and left no process in the tunnel: it has probably handed over to a "
              "copy of itself that runs outside. Close that copy, then open it here again."),
            name);
    if (status != -1 && WIFSIGNALED(status))
        return g_strdup_printf(_("%s was ended by signal %d (%s)"), name, WTERMSIG(status),
                               g_strsignal(WTERMSIG(status)));
    if (status != -1 && WEXITSTATUS(status) != 0)
        return g_strdup_printf(_("%s ended with status %d"), name, WEXITSTATUS(status));
    return g_strdup("");
}

/* It may be gone, and its number free. */
static void
look_at_name(struct program *program)
{
    g_autofree char *name = wgw_process_dup_name(program->pid);

    if (g_str_equal(name, "?"))
        return;
    g_free(program->name);
    program->name = g_utf8_make_valid(name, -1);
}

static void
tell(struct program *program)
{
    WgwPrograms *programs = program->owner;
    WgwProgramOrigin origin = program->command  ? WGW_PROGRAM_LAUNCHED
                              : program->joined ? WGW_PROGRAM_JOINED
                                                : WGW_PROGRAM_FOUND;

    if (!program->told)
        programs->callbacks.appeared(program->pid, program->name, origin, programs->user_data);
    program->told = TRUE;
}

static void
program_ended(WgwPrograms *programs, pid_t pid, int status)
{
    g_autofree char *message = NULL;
    struct program *program;
    gpointer value;

    g_hash_table_steal_extended(programs->table, GINT_TO_POINTER(pid), NULL, &value);
    program = value;
    programs->leaver = program;
    wgw_programs_scan(programs);
    programs->leaver = NULL;
    message = describe_end(programs, program, status);
    if (!program->told)
        look_at_name(program);
    tell(program);
    programs->callbacks.exited(pid, program->name, status, message, programs->user_data);
    program_free(program);
    programs->callbacks.changed(programs->user_data);
}

static void
on_bus_answered(gpointer user_data)
{
    g_autofree struct ending *ending = user_data;

    if (g_hash_table_contains(ending->programs->table, GINT_TO_POINTER(ending->pid)))
        program_ended(ending->programs, ending->pid, ending->status);
}

/* Until the bus has answered it is still in the table. */
static void
end(WgwPrograms *programs, pid_t pid, int status)
{
    struct ending *ending = g_new(struct ending, 1);

    *ending = (struct ending){programs, pid, status};
    if (programs->bus)
        wgw_private_bus_ask(programs->bus, on_bus_answered, ending);
    else
        on_bus_answered(ending);
}

static gboolean
on_pidfd(int fd, GIOCondition condition, gpointer user_data)
{
    struct program *program = user_data;

    program->watch = 0;
    end(program->owner, program->pid, -1);
    return G_SOURCE_REMOVE;
}

static struct program *
add(WgwPrograms *programs, pid_t pid, int pidfd, const char *name, const char *desktop_id)
{
    struct program *program = g_new0(struct program, 1);

    program->pid = pid;
    program->pidfd = pidfd;
    program->name = g_utf8_make_valid(name, -1);
    program->desktop_id = g_strdup(desktop_id);
    program->owner = programs;
    g_hash_table_replace(programs->table, GINT_TO_POINTER(pid), program);
    return program;
}

/* Who joins does so under the name of wg-wrap, and who is left behind may be about to execute something
 * else, too: by now it has. */
static gboolean
on_rename(gpointer user_data)
{
    struct program *program = user_data;

    look_at_name(program);
    if (g_str_has_prefix(program->name, "wg-wrap") && ++program->looks < MAX_LOOKS)
        return G_SOURCE_CONTINUE;
    program->rename = 0;
    tell(program);
    program->owner->callbacks.changed(program->owner->user_data);
    return G_SOURCE_REMOVE;
}

/* ---- Looking around ---- */

/* Our capabilities reach as far as our user namespace, and no further: what may be looked at is in it
 * or below, and what may not has not come in. */
static gboolean
has_entered(pid_t pid, struct stat *ret_net)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/ns/net", pid);

    return stat(path, ret_net) == 0;
}

static gboolean
is_inside(WgwPrograms *programs, pid_t pid)
{
    struct stat ours, its;

    return fstat(programs->net_ns, &ours) == 0 && has_entered(pid, &its) &&
           ours.st_ino == its.st_ino && ours.st_dev == its.st_dev;
}

static gboolean
is_ignored(WgwPrograms *programs, pid_t pid)
{
    for (gsize i = 0; i < N_IGNORED; i++)
        if (programs->ignored[i] == pid)
            return TRUE;
    return pid == getpid();
}

static const char *
get_application(WgwPrograms *programs, pid_t pid)
{
    return programs->bus ? wgw_private_bus_get_application(programs->bus, pid) : NULL;
}

/* Started by the session's own bus, in whose session (setsid(2)) it therefore is, as the shells of a
 * terminal are not, and no application: neither by its name nor by how it was launched. */
static gboolean
is_helper(WgwPrograms *programs, pid_t pid)
{
    pid_t bus = programs->bus ? wgw_private_bus_get_pid(programs->bus) : 0;

    return bus > 0 && getsid(pid) == bus && !get_application(programs, pid) &&
           !wgw_process_was_launched(pid);
}

/* Count who was found without being known: what is our child at once (an orphan of a program's), and so
 * an application that the bus has started; others when nothing known is left: a living program's children
 * are its own affair. */
static int
consider(pid_t pid, void *data)
{
    WgwPrograms *programs = data;
    WGW_AUTOCLOSE int pidfd = -1;
    g_autofree char *name = NULL;
    const char *desktop_id;
    struct program *program;
    gboolean child;

    if (is_ignored(programs, pid) || g_hash_table_contains(programs->table, GINT_TO_POINTER(pid)))
        return 0;
    pidfd = pidfd_open(pid, 0);
    if (pidfd < 0) {
        programs->missed |= errno != ESRCH;
        return 0;
    }
    child = wgw_process_is_child(pidfd);
    /* Now that the number cannot change hands any more: is it still who was found? */
    if (wgw_process_has_ended(pidfd) || (!child && !is_inside(programs, pid)))
        return 0;
    if (is_helper(programs, pid))
        return 0;
    desktop_id = get_application(programs, pid);
    if (!child && !desktop_id &&
        (programs->adopting ? is_inside(programs, wgw_process_get_parent(pid))
                            : g_hash_table_size(programs->table) > 0))
        return 0;
    name = wgw_process_dup_name(pid);
    /* An orphan that comes to light with a program's end is that program's, and the same application. */
    if (!desktop_id)
        desktop_id = child && programs->leaver ? programs->leaver->desktop_id : "";
    program = add(programs, pid, wgw_fd_steal(&pidfd), name, desktop_id);
    program->rename = g_timeout_add(RENAME_AFTER_MS, on_rename, program);
    if (!child)
        program->watch = g_unix_fd_add(program->pidfd, G_IO_IN, on_pidfd, program);
    return 0;
}

/* What made a network namespace of its own, as browsers' sandboxes do, and lost its parent, is seen
 * by no look at namespaces, but it is ours to wait for. */
static void
consider_children(WgwPrograms *programs)
{
    g_autoptr(GDir) threads = g_dir_open("/proc/self/task", 0, NULL);
    const char *thread;

    while (threads && (thread = g_dir_read_name(threads))) {
        g_autofree char *path = g_strdup_printf("/proc/self/task/%s/children", thread);
        g_autofree char *children = NULL;
        char *rest;

        if (!g_file_get_contents(path, &children, NULL, NULL))
            continue;
        for (char *word = children;; word = rest) {
            pid_t pid = (pid_t)g_ascii_strtoull(word, &rest, 10);

            if (rest == word)
                break;
            consider(pid, programs);
        }
    }
}

/* ---- Public ---- */

WgwPrograms *
wgw_programs_new(int net_ns, const WgwProgramsCallbacks *callbacks, gpointer user_data)
{
    WgwPrograms *programs = g_new0(WgwPrograms, 1);

    programs->table = g_hash_table_new_full(NULL, NULL, NULL, program_free);
    programs->net_ns = net_ns;
    programs->callbacks = *callbacks;
    programs->user_data = user_data;
    return programs;
}

void
wgw_programs_free(WgwPrograms *programs)
{
    g_hash_table_unref(programs->table);
    g_free(programs);
}

void
wgw_programs_set_bus(WgwPrograms *programs, WgwPrivateBus *bus)
{
    programs->bus = bus;
}

void
wgw_programs_ignore(WgwPrograms *programs, guint slot, pid_t pid)
{
    g_return_if_fail(slot < N_IGNORED);

    programs->ignored[slot] = pid;
}

pid_t
wgw_programs_spawn(WgwPrograms *programs,
                   const char *const *argv,
                   const char *const *environment,
                   const char *cwd,
                   const char *const *covers,
                   const int stdio[3],
                   const char *name,
                   const char *desktop_id,
                   GError **error)
{
    g_autofree char *base = g_path_get_basename(argv[0]);
    struct program *program;
    int pidfd;
    pid_t pid;

    /* Others' orphans come to light now, so that they are not taken for this one's later. */
    consider_children(programs);
    pid = wgw_spawn(argv, environment, cwd, covers, stdio, error);
    if (pid < 0)
        return -1;
    /* It cannot have been reaped yet: that is done by this thread. */
    pidfd = pidfd_open(pid, 0);
    if (pidfd < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED, _("“%s” cannot be watched: %s. %s"),
                    name, g_strerror(errno), wgw_error_advice_on(errno));
        kill(pid, SIGKILL);
        return -1;
    }
    program = add(programs, pid, pidfd, *name ? name : base, desktop_id);
    program->spawned = g_get_monotonic_time();
    program->command = g_steal_pointer(&base);
    tell(program);
    programs->callbacks.changed(programs->user_data);
    return pid;
}

gboolean
wgw_programs_join(WgwPrograms *programs, pid_t pid, int pidfd, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d", pid);
    g_autofree char *name = NULL;
    WGW_AUTOCLOSE int owned = pidfd < 0 ? pidfd_open(pid, 0) : pidfd;
    struct program *program;
    struct stat st;

    if (owned < 0 && errno != ESRCH && errno != EINVAL) {
        g_set_error(error, WGW_ERROR, wgw_error_code_of(errno),
                    _("Process %u cannot be watched: %s. %s"), (guint)pid, g_strerror(errno),
                    wgw_error_advice_on(errno));
        return FALSE;
    }
    /* Another user's process could not enter, and would be counted until it ends. */
    if (owned < 0 || stat(path, &st) < 0 || st.st_uid != geteuid() ||
        wgw_process_has_ended(owned)) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("Process %u cannot join the session: it is not there, or not yours."),
                    (guint)pid);
        return FALSE;
    }
    if (is_ignored(programs, pid) || g_hash_table_contains(programs->table, GINT_TO_POINTER(pid)))
        return TRUE;
    name = wgw_process_dup_name(pid);
    program = add(programs, pid, wgw_fd_steal(&owned), name, "");
    program->joined = TRUE;
    program->watch = g_unix_fd_add(program->pidfd, G_IO_IN, on_pidfd, program);
    program->rename = g_timeout_add(RENAME_AFTER_MS, on_rename, program);
    programs->callbacks.changed(programs->user_data);
    return TRUE;
}

void
wgw_programs_forget(WgwPrograms *programs, pid_t pid)
{
    if (g_hash_table_remove(programs->table, GINT_TO_POINTER(pid)))
        programs->callbacks.changed(programs->user_data);
}

gboolean
wgw_programs_is_empty(WgwPrograms *programs)
{
    return g_hash_table_size(programs->table) == 0;
}

void
wgw_programs_adopt(WgwPrograms *programs)
{
    programs->adopting = TRUE;
    wgw_programs_scan(programs);
    programs->adopting = FALSE;
    programs->callbacks.changed(programs->user_data);
}

gboolean
wgw_programs_scan(WgwPrograms *programs)
{
    programs->missed = FALSE;
    if (ns_members_scan(programs->net_ns, NULL, 0, consider, programs) < 0)
        programs->missed = TRUE;
    consider_children(programs);
    return wgw_programs_is_empty(programs) && !programs->missed;
}

gboolean
wgw_programs_reaped(WgwPrograms *programs, pid_t pid, int status)
{
    if (!g_hash_table_contains(programs->table, GINT_TO_POINTER(pid)))
        return FALSE;
    end(programs, pid, status);
    return TRUE;
}

gboolean
wgw_programs_signal(WgwPrograms *programs, pid_t pid, int number, GError **error)
{
    struct program *program = g_hash_table_lookup(programs->table, GINT_TO_POINTER(pid));

    if (!program) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("Process %u is no program of this session."), (guint)pid);
        return FALSE;
    }
    if (pidfd_send_signal(program->pidfd, number, NULL, 0) < 0 && errno != ESRCH) {
        g_set_error(error, WGW_ERROR,
                    errno == EINVAL ? WGW_ERROR_INVALID_ARGUMENT : WGW_ERROR_NOT_PERMITTED,
                    _("Signal %d cannot be sent to process %u: %s"), number, (guint)pid,
                    g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}

/* A signal for who is inside though not counted. */
static int
signal_one(pid_t pid, void *data)
{
    const struct everybody *everybody = data;
    WgwPrograms *programs = everybody->programs;
    WGW_AUTOCLOSE int pidfd = -1;

    if (is_ignored(programs, pid) || g_hash_table_contains(programs->table, GINT_TO_POINTER(pid)))
        return 0;
    pidfd = pidfd_open(pid, 0);
    if (pidfd >= 0 && is_inside(programs, pid))
        pidfd_send_signal(pidfd, everybody->number, NULL, 0);
    return 0;
}

void
wgw_programs_end_all(WgwPrograms *programs, int number)
{
    struct everybody everybody = {programs, number};
    GHashTableIter iter;
    gpointer value;

    wgw_programs_scan(programs);
    g_hash_table_iter_init(&iter, programs->table);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct program *program = value;
        struct stat net;

        /* Who has knocked and is not in yet finds nobody to enter by and goes, or he is just past that
         * point and will be found in: both take an instant. */
        if (!program->joined || has_entered(program->pid, &net))
            pidfd_send_signal(program->pidfd, number, NULL, 0);
        else if (number == SIGKILL)
            g_hash_table_iter_remove(&iter);
    }
    ns_members_scan(programs->net_ns, NULL, 0, signal_one, &everybody);
    programs->callbacks.changed(programs->user_data);
}

static void
close_pidfd(gpointer pidfd)
{
    wgw_fd_close(pidfd);
}

static int
collect_helper(pid_t pid, void *data)
{
    struct helpers *helpers = data;
    WGW_AUTOCLOSE int pidfd = -1;

    if (is_ignored(helpers->programs, pid) ||
        g_hash_table_contains(helpers->programs->table, GINT_TO_POINTER(pid)))
        return 0;
    pidfd = pidfd_open(pid, 0);
    if (pidfd >= 0 && is_helper(helpers->programs, pid)) {
        g_array_append_val(helpers->pidfds, pidfd);
        wgw_fd_steal(&pidfd);
    }
    return 0;
}

void
wgw_programs_end_helpers(WgwPrograms *programs)
{
    g_autoptr(GArray) pidfds = g_array_new(FALSE, FALSE, sizeof(int));
    struct helpers helpers = {programs, pidfds};

    if (!programs->bus || wgw_private_bus_get_pid(programs->bus) == 0)
        return;
    g_array_set_clear_func(pidfds, close_pidfd);
    ns_members_scan(programs->net_ns, NULL, 0, collect_helper, &helpers);
    for (guint i = 0; i < pidfds->len; i++)
        pidfd_send_signal(g_array_index(pidfds, int, i), SIGKILL, NULL, 0);
    wgw_private_bus_kill(programs->bus);
    for (guint i = 0; i < pidfds->len; i++) {
        GPollFD end = {.fd = g_array_index(pidfds, int, i), .events = G_IO_IN};

        g_poll(&end, 1, END_PATIENCE_MS);
    }
}

static int
compare_pids(gconstpointer a, gconstpointer b)
{
    return GPOINTER_TO_INT(a) - GPOINTER_TO_INT(b);
}

GVariant *
wgw_programs_to_variant(WgwPrograms *programs)
{
    g_autoptr(GList) pids = g_list_sort(g_hash_table_get_keys(programs->table), compare_pids);
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(uss)"));
    for (GList *pid = pids; pid; pid = pid->next) {
        struct program *program = g_hash_table_lookup(programs->table, pid->data);

        g_variant_builder_add(&builder, "(uss)", (guint)program->pid, program->name,
                              program->desktop_id);
    }
    return g_variant_builder_end(&builder);
}
