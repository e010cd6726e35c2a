/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/output.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINES 12
#define MAX_BYTES "4096"

#define WAIT_MS 1000

struct _WgwOutput {
    GObject parent_instance;

    char *text;     /* NULL: not yet */
    GTask *waiting; /* or NULL */
    guint timeout;
};

G_DEFINE_FINAL_TYPE(WgwOutput, wgw_output, G_TYPE_OBJECT)

/* For people to read: a terminal's colours and the like are nothing for a label. */
static char *
dup_last_lines(const char *bytes, gsize length)
{
    g_autofree char *text = g_utf8_make_valid(bytes, (gssize)length);
    g_autoptr(GString) clean = g_string_new(NULL);
    guint lines = 0;
    const char *start;

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar letter = g_utf8_get_char(p);

        /* ESC [ … letter */
        if (letter == '\033' && p[1] == '[') {
            p += 2 + strspn(p + 2, "0123456789;?");
            if (!*p)
                break;
        } else if (letter == '\t')
            g_string_append_c(clean, ' ');
        else if (letter == '\n' || !g_unichar_iscntrl(letter))
            g_string_append_unichar(clean, letter);
    }
    g_strchomp(clean->str);
    start = clean->str + strlen(clean->str);
    while (start > clean->str && (start[-1] != '\n' || ++lines < MAX_LINES))
        start--;
    return g_strdup(start);
}

static void
answer(WgwOutput *output)
{
    g_autoptr(GTask) task = g_steal_pointer(&output->waiting);

    g_clear_handle_id(&output->timeout, g_source_remove);
    if (task)
        g_task_return_pointer(task, g_strdup(output->text ? output->text : ""), g_free);
}

static void
on_collected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwOutput) output = user_data;
    g_autoptr(GBytes) bytes = NULL;
    gsize length = 0;
    const char *data = NULL;

    g_subprocess_communicate_finish(G_SUBPROCESS(source), result, &bytes, NULL, NULL);
    if (bytes)
        data = g_bytes_get_data(bytes, &length);
    output->text = dup_last_lines(data ? data : "", length);
    answer(output);
}

static gboolean
on_timeout(gpointer user_data)
{
    WgwOutput *output = user_data;

    output->timeout = 0;
    answer(output);
    return G_SOURCE_REMOVE;
}

static void
wgw_output_finalize(GObject *object)
{
    g_free(WGW_OUTPUT(object)->text);
    G_OBJECT_CLASS(wgw_output_parent_class)->finalize(object);
}

static void
wgw_output_class_init(WgwOutputClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_output_finalize;
}

static void
wgw_output_init(WgwOutput *output)
{
}

WgwOutput *
wgw_output_new(int *ret_fd)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_autoptr(GSubprocess) collector = NULL;
    WgwOutput *output;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return NULL;
    g_subprocess_launcher_take_stdin_fd(launcher, fds[0]);
    collector = g_subprocess_launcher_spawn(launcher, NULL, "tail", "-c", MAX_BYTES, NULL);
    if (!collector) {
        close(fds[1]);
        return NULL;
    }
    output = g_object_new(WGW_TYPE_OUTPUT, NULL);
    g_subprocess_communicate_async(collector, NULL, NULL, on_collected, g_object_ref(output));
    *ret_fd = fds[1];
    return output;
}

void
wgw_output_wait_async(WgwOutput *output, GAsyncReadyCallback callback, gpointer user_data)
{
    g_return_if_fail(!output->waiting);

    output->waiting = g_task_new(output, NULL, callback, user_data);
    if (output->text)
        answer(output);
    else
        output->timeout = g_timeout_add(WAIT_MS, on_timeout, output);
}

char *
wgw_output_wait_finish(WgwOutput *output, GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}
