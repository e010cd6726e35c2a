/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/programs.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "namespace/members.h"
#include "supervisor/spawn.h"

#define N_IGNORED 2

/* A join takes some milliseconds, on a busy machine perhaps more. */
#define RENAME_AFTER_MS 200

struct program {
    pid_t pid;
    int pidfd;
    guint watch;  /* of pidfd; 0 for a child, whose end SIGCHLD tells */
    guint rename; /* until it has become what it came for */
    char *name;
    char *desktop_id;
    WgwPrograms *owner;
};

struct _WgwPrograms {
    GHashTable *table; /* pid -> struct program (owned) */
    pid_t ignored[N_IGNORED];
    int net_ns;
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
    g_free(program->name);
    g_free(program->desktop_id);
    g_free(program);
}

static void
program_ended(WgwPrograms *programs, pid_t pid, int status)
{
    g_hash_table_remove(programs->table, GINT_TO_POINTER(pid));
    wgw_programs_scan(programs);
    programs->callbacks.exited(pid, status, programs->user_data);
    programs->callbacks.changed(programs->user_data);
}

static gboolean
on_pidfd(int fd, GIOCondition condition, gpointer user_data)
{
    struct program *program = user_data;

    program->watch = 0;
    program_ended(program->owner, program->pid, -1);
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

/* A word from /proc/PID/stat: the parent. The name before it may contain anything but ends with the
 * last ")". */
static pid_t
read_parent(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *stat = NULL;
    const char *rest;
    int parent;

    if (!g_file_get_contents(path, &stat, NULL, NULL))
        return 0;
    rest = strrchr(stat, ')');
    return rest && sscanf(rest, ") %*c %d", &parent) == 1 ? parent : 0;
}

static char *
read_name(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", pid);
    char *name = NULL;

    if (!g_file_get_contents(path, &name, NULL, NULL))
        return g_strdup("?");
    return g_strchomp(name);
}

/* Who joins does so under the name of wg-wrap; by now it has executed its command. */
static gboolean
on_rename(gpointer user_data)
{
    struct program *program = user_data;
    g_autofree char *name = read_name(program->pid);

    program->rename = 0;
    g_free(program->name);
    program->name = g_utf8_make_valid(name, -1);
    program->owner->callbacks.changed(program->owner->user_data);
    return G_SOURCE_REMOVE;
}

/* Take over who is inside without being known: our own orphans at once, anybody when nothing known is
 * left (a living program's children are its own affair). */
static int
consider(pid_t pid, void *data)
{
    WgwPrograms *programs = data;
    g_autofree char *name = NULL;
    struct program *program;
    gboolean ours;
    int pidfd;

    if (g_hash_table_contains(programs->table, GINT_TO_POINTER(pid)))
        return 0;
    ours = read_parent(pid) == getpid();
    if (!ours && g_hash_table_size(programs->table) > 0)
        return 0;
    pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        return 0;
    name = read_name(pid);
    program = add(programs, pid, pidfd, name, "");
    if (!ours)
        program->watch = g_unix_fd_add(pidfd, G_IO_IN, on_pidfd, program);
    return 0;
}

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
                   const int stdio[3],
                   const char *name,
                   const char *desktop_id,
                   GError **error)
{
    pid_t pid = wgw_spawn(argv, environment, cwd, stdio, error);

    if (pid < 0)
        return -1;
    /* It cannot have been reaped yet: that is done by this thread. */
    add(programs, pid, (int)syscall(SYS_pidfd_open, pid, 0), name, desktop_id);
    programs->callbacks.changed(programs->user_data);
    return pid;
}

gboolean
wgw_programs_join(WgwPrograms *programs, pid_t pid, int pidfd, GError **error)
{
    g_autofree char *name = NULL;
    struct program *program;

    if (pidfd < 0)
        pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("Process %d cannot join the session: %s"), pid, g_strerror(errno));
        return FALSE;
    }
    if (g_hash_table_contains(programs->table, GINT_TO_POINTER(pid))) {
        wgw_fd_close(&pidfd);
        return TRUE;
    }
    name = read_name(pid);
    program = add(programs, pid, pidfd, name, "");
    program->watch = g_unix_fd_add(pidfd, G_IO_IN, on_pidfd, program);
    program->rename = g_timeout_add(RENAME_AFTER_MS, on_rename, program);
    programs->callbacks.changed(programs->user_data);
    return TRUE;
}

gboolean
wgw_programs_is_empty(WgwPrograms *programs)
{
    return g_hash_table_size(programs->table) == 0;
}

gboolean
wgw_programs_scan(WgwPrograms *programs)
{
    pid_t except[N_IGNORED + 1];

    memcpy(except, programs->ignored, sizeof programs->ignored);
    except[N_IGNORED] = getpid();
    ns_members_scan(programs->net_ns, except, G_N_ELEMENTS(except), consider, programs);
    return wgw_programs_is_empty(programs);
}

gboolean
wgw_programs_reaped(WgwPrograms *programs, pid_t pid, int status)
{
    if (!g_hash_table_contains(programs->table, GINT_TO_POINTER(pid)))
        return FALSE;
    program_ended(programs, pid, status);
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
    if (syscall(SYS_pidfd_send_signal, program->pidfd, number, NULL, 0) < 0 && errno != ESRCH) {
        g_set_error(error, WGW_ERROR,
                    errno == EINVAL ? WGW_ERROR_INVALID_ARGUMENT : WGW_ERROR_NOT_PERMITTED,
                    _("Signal %d cannot be sent to process %u: %s"), number, (guint)pid,
                    g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}

static int
kill_one(pid_t pid, void *data)
{
    kill(pid, GPOINTER_TO_INT(data));
    return 0;
}

void
wgw_programs_signal_all(WgwPrograms *programs, int number)
{
    pid_t except[N_IGNORED + 1];

    memcpy(except, programs->ignored, sizeof programs->ignored);
    except[N_IGNORED] = getpid();
    ns_members_scan(programs->net_ns, except, G_N_ELEMENTS(except), kill_one,
                    GINT_TO_POINTER(number));
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
