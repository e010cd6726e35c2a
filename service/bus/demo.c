/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/demo.h"

#include <glib/gi18n.h>
#include <sodium.h>

#include "base/program.h"
#include "dbus/error.h"

#define PROFILE_NAME "demo"
#define NAMES_TRIED  20
#define CONFIG_MAX   4096

/* What the configuration of wg-wrap-demo-peer begins with, and nobody else's. */
#define MARK "# The peer is wg-wrap-demo-peer "

struct _WgwDemo {
    WgwProfileStore *store;
    GSubprocess *peer; /* NULL: there is none, or it has ended */
    char *name;        /* of the profile; NULL: it is not yet there */
    GTask *task;       /* that waits for it, or NULL */
    char config[CONFIG_MAX];
};

/* It ends with its standard input. */
static void
end_peer(WgwDemo *demo)
{
    if (demo->peer)
        g_output_stream_close_async(g_subprocess_get_stdin_pipe(demo->peer), G_PRIORITY_DEFAULT,
                                    NULL, NULL, NULL);
    g_clear_object(&demo->peer);
    g_clear_pointer(&demo->name, g_free);
}

static void
on_profile_removed(WgwProfileStore *store, WgwProfile *profile, gpointer user_data)
{
    WgwDemo *demo = user_data;

    if (g_strcmp0(demo->name, wgw_profile_get_name(profile)) == 0)
        end_peer(demo);
}

static void
on_peer_ended(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwDemo *demo = user_data;

    g_subprocess_wait_finish(G_SUBPROCESS(source), result, NULL);
    if (demo->peer == G_SUBPROCESS(source))
        end_peer(demo);
}

static gboolean
is_of_a_demo(WgwProfile *profile)
{
    g_autoptr(WgwSecret) text = wgw_profile_read(profile, NULL);

    return text && g_str_has_prefix(wgw_secret_get_text(text), MARK);
}

/* As "demo", "demo-2", …: the first that is free, or a former demo's. */
static char *
store_profile(WgwDemo *demo, GError **error)
{
    for (guint i = 1; i <= NAMES_TRIED; i++) {
        g_autofree char *name =
            i == 1 ? g_strdup(PROFILE_NAME) : g_strdup_printf(PROFILE_NAME "-%u", i);
        WgwProfile *profile = wgw_profile_store_lookup(demo->store, name);

        if (profile && !is_of_a_demo(profile))
            continue;
        if (profile ? wgw_profile_store_update(demo->store, profile, demo->config, -1, error)
                    : wgw_profile_store_import(demo->store, name, demo->config, -1, error) != NULL)
            return g_steal_pointer(&name);
        return NULL;
    }
    g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                _("There are too many profiles called “%s”. Remove one."), PROFILE_NAME);
    return NULL;
}

static void
on_config(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwDemo *demo = user_data;
    g_autoptr(GTask) task = g_steal_pointer(&demo->task);
    GError *error = NULL;
    gsize length = 0;

    /* What has ended by now is no other end, whatever it has said. */
    if (g_input_stream_read_all_finish(G_INPUT_STREAM(source), result, &length, &error) &&
        (length == 0 || !demo->peer))
        error = g_error_new(WGW_ERROR, WGW_ERROR_FAILED,
                            _("The demo's other end could not be started. What is wrong on this "
                              "machine is said by: wg-wrap doctor"));
    if (!error)
        demo->name = store_profile(demo, &error);
    sodium_memzero(demo->config, sizeof demo->config);
    if (error) {
        end_peer(demo);
        g_task_return_error(task, error);
    } else
        g_task_return_pointer(task, g_strdup(demo->name), g_free);
}

WgwDemo *
wgw_demo_new(WgwProfileStore *store)
{
    WgwDemo *demo = g_new0(WgwDemo, 1);

    demo->store = store;
    sodium_mlock(demo->config, sizeof demo->config);
    g_signal_connect(store, "profile-removed", G_CALLBACK(on_profile_removed), demo);
    return demo;
}

void
wgw_demo_start_async(WgwDemo *demo, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    g_autofree char *program = wgw_program_path("wg-wrap-demo-peer");
    GError *error = NULL;

    if (demo->peer && demo->name) {
        g_task_return_pointer(task, g_strdup(demo->name), g_free);
        return;
    }
    if (demo->task) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_BUSY,
                                _("The demo tunnel is being made just now. Wait a moment."));
        return;
    }
    demo->peer = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                  &error, program, NULL);
    if (!demo->peer) {
        g_task_return_error(task, error);
        return;
    }
    demo->task = g_steal_pointer(&task);
    g_subprocess_wait_async(demo->peer, NULL, on_peer_ended, demo);
    g_input_stream_read_all_async(g_subprocess_get_stdout_pipe(demo->peer), demo->config,
                                  sizeof demo->config - 1, G_PRIORITY_DEFAULT, NULL, on_config,
                                  demo);
}

char *
wgw_demo_start_finish(WgwDemo *demo, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
