/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/program.h"

struct _WgwProgram {
    GObject parent_instance;

    guint pid;
    char *name;
    char *desktop_id;
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

WgwProgram *
wgw_program_new(guint pid, const char *name, const char *desktop_id)
{
    WgwProgram *program = g_object_new(WGW_TYPE_PROGRAM, NULL);

    program->pid = pid;
    program->name = g_strdup(name);
    program->desktop_id = g_strdup(desktop_id);
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
