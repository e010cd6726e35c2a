/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/relay.h"

#include "base/program.h"

static void
start(int control)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_autofree char *program = wgw_program_path("wg-wrap-relay");
    g_autoptr(GSubprocess) process = NULL;
    g_autoptr(GError) error = NULL;

    g_subprocess_launcher_take_stdin_fd(launcher, control);
    process = g_subprocess_launcher_spawn(launcher, &error, program, NULL);
    /* The supervisor sees that nobody has the other end, and asks again. */
    if (!process)
        g_warning("relay: %s", error->message);
}

static void
on_control(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GUnixFDList) fds = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_mirror_call_finish(WGW_MIRROR(source), result, &fds, &error);
    int control = reply && fds ? g_unix_fd_list_get(fds, 0, &error) : -1;

    if (control >= 0)
        start(control);
    else if (error)
        g_message("relay: %s", error->message);
}

static void
on_needs_relay(WgwDbusSupervisor1 *proxy, GParamSpec *pspec, WgwMirror *mirror)
{
    if (wgw_dbus_supervisor1_get_needs_relay(proxy))
        wgw_mirror_call_async(mirror, "Relay", NULL, NULL, on_control, NULL);
}

void
wgw_relay_follow(WgwMirror *mirror)
{
    WgwDbusSupervisor1 *proxy = wgw_mirror_get_proxy(mirror);

    g_signal_connect_object(proxy, "notify::needs-relay", G_CALLBACK(on_needs_relay), mirror, 0);
    on_needs_relay(proxy, NULL, mirror);
}
