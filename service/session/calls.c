/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* A request to a profile's session: to whichever lives, and if that ends under the request, to the next. */

#include "session/registry-private.h"

#include <glib/gi18n.h>

#include "base/ticket.h"
#include "dbus/error.h"

#define MAX_RESTARTS 10

struct call {
    WgwProfile *profile;
    guint wait;
    char *method;
    GVariant *parameters;
    GUnixFDList *fds;
    int ticket; /* its place in fds, or -1 */
    guint restarts;
    GUnixFDList *answer_fds;
};

static void
call_free(gpointer data)
{
    struct call *call = data;

    g_object_unref(call->profile);
    g_free(call->method);
    g_variant_unref(call->parameters);
    g_clear_object(&call->fds);
    g_clear_object(&call->answer_fds);
    g_free(call);
}

static void begin_call(GTask *task);

/* The session ended under the request: take the next. TRUE if @error was that. */
static gboolean
begin_anew(GTask *task, WgwMirror *mirror, const GError *error)
{
    struct call *call = g_task_get_task_data(task);

    if (!wgw_mirror_is_ended(error) || ++call->restarts > MAX_RESTARTS)
        return FALSE;
    /* Its "closed" may come later than its answer. */
    wgw_registry_drop(g_task_get_source_object(task), mirror);
    begin_call(task);
    return TRUE;
}

/* There is no answer, so what was asked for shall not be done any more. What was begun may be done, or half
 * done: that is all that can be told, for to ask again might have it done twice. */
static void
take_back(struct call *call, GError **error)
{
    int ticket = g_unix_fd_list_peek_fds(call->fds, NULL)[call->ticket];

    if (wgw_ticket_take(ticket)) {
        if (g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
            g_prefix_error(error, _("Nothing was started. "));
        else
            wgw_ticket_give_back(ticket);
        return;
    }
    g_clear_error(error);
    g_set_error(
        error, WGW_ERROR, WGW_ERROR_FAILED,
        _("The supervisor of the tunnel “%s” was lost while it started the program, which may "
          "run. Look with “wg-wrap status” before you start it again."),
        wgw_profile_get_name(call->profile));
}

static void
on_called(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    WgwMirror *mirror = WGW_MIRROR(source);
    struct call *call = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;
    GVariant *reply = wgw_mirror_call_finish(mirror, result, &call->answer_fds, &error);

    if (!reply && call->ticket >= 0 &&
        (wgw_mirror_is_ended(error) || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)))
        take_back(call, &error);
    if (!reply && begin_anew(task, mirror, error))
        return;
    if (reply)
        g_task_return_pointer(task, reply, (GDestroyNotify)g_variant_unref);
    else
        g_task_return_error(task, g_steal_pointer(&error));
    g_object_unref(task);
}

static void
on_waited(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    WgwMirror *mirror = WGW_MIRROR(source);
    struct call *call = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;

    if (wgw_mirror_wait_finish(mirror, result, &error))
        wgw_mirror_call_async(mirror, call->method, call->parameters, call->fds, on_called, task);
    else if (!begin_anew(task, mirror, error)) {
        g_task_return_error(task, g_steal_pointer(&error));
        g_object_unref(task);
    }
}

static void
on_mirror(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct call *call = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(WgwMirror) mirror = g_task_propagate_pointer(G_TASK(result), &error);

    if (!mirror) {
        g_task_return_error(task, error);
        g_object_unref(task);
    } else if (call->wait > 0)
        wgw_mirror_wait_async(mirror, call->wait, on_waited, task);
    else
        wgw_mirror_call_async(mirror, call->method, call->parameters, call->fds, on_called, task);
}

static void
begin_call(GTask *task)
{
    struct call *call = g_task_get_task_data(task);

    wgw_registry_get_mirror(g_task_get_source_object(task), call->profile, on_mirror, task);
}

static void
on_bridge(gpointer user_data)
{
    begin_call(user_data);
}

void
wgw_registry_call_async(WgwRegistry *registry,
                        WgwProfile *profile,
                        guint wait,
                        const char *method,
                        GVariant *parameters,
                        GUnixFDList *fds,
                        int ticket,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
    GTask *task = g_task_new(registry, NULL, callback, user_data);
    struct call *call = g_new0(struct call, 1);

    call->profile = g_object_ref(profile);
    call->wait = wait;
    call->method = g_strdup(method);
    call->parameters = g_variant_ref_sink(parameters ? parameters : g_variant_new("()"));
    call->fds = fds ? g_object_ref(fds) : NULL;
    call->ticket = ticket;
    g_task_set_task_data(task, call, call_free);
    /* Whoever is let in finds the session bus. */
    wgw_bridge_ask(wgw_registry_get_bridge(registry), on_bridge, task);
}

GVariant *
wgw_registry_call_finish(WgwRegistry *registry,
                         GAsyncResult *result,
                         GUnixFDList **ret_fds,
                         GError **error)
{
    struct call *call = g_task_get_task_data(G_TASK(result));

    if (ret_fds)
        *ret_fds = g_steal_pointer(&call->answer_fds);
    return g_task_propagate_pointer(G_TASK(result), error);
}
