/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/program.h"

#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

struct _WgwProgram {
    GObject parent_instance;

    guint pid;
    char *name;
    char *desktop_id;
    guint64 started;
};

G_DEFINE_FINAL_TYPE(WgwProgram, wgw_program, G_TYPE_OBJECT)

static void
wgw_program_finalize(GObject *object)
{
    WgwProgram *program = WGW_PROGRAM(object);

    g_free(program->name);
    g_free(program->desktop_id);
    G_OBJECT_CLASS(wgw_program_parent_class)->finalize(object);
}

static void
wgw_program_class_init(WgwProgramClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_program_finalize;
}

static void
wgw_program_init(WgwProgram *program)
{
}

/* By the kernel, which counts in ticks since it has started itself (proc(5)). */
static guint64
read_started(guint pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%u/stat", pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    struct sysinfo machine;
    const char *rest;

    if (!g_file_get_contents(path, &text, NULL, NULL) || sysinfo(&machine) < 0)
        return 0;
    rest = strrchr(text, ')'); /* the name before may contain anything */
    fields = g_strsplit(rest ? rest : "", " ", 22);
    if (g_strv_length(fields) < 22)
        return 0;
    /* starttime is the 22nd of all, the 20th after the name. */
    return g_get_real_time() / G_USEC_PER_SEC - machine.uptime +
           g_ascii_strtoull(fields[20], NULL, 10) / sysconf(_SC_CLK_TCK);
}

WgwProgram *
wgw_program_new(guint pid, const char *name, const char *desktop_id)
{
    WgwProgram *program = g_object_new(WGW_TYPE_PROGRAM, NULL);

    program->pid = pid;
    program->name = g_strdup(name);
    program->desktop_id = g_strdup(desktop_id);
    program->started = read_started(pid);
    return program;
}

guint
wgw_program_get_pid(WgwProgram *program)
{
    return program->pid;
}

const char *
wgw_program_get_name(WgwProgram *program)
{
    return program->name;
}

const char *
wgw_program_get_desktop_id(WgwProgram *program)
{
    return program->desktop_id;
}

guint64
wgw_program_get_started(WgwProgram *program)
{
    return program->started;
}
