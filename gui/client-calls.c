/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The client's calls: each is one method of the contract. */

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dbus/error.h"
#include "dbus/names.h"
#include "gui/client-private.h"
#include "gui/client.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static void
on_reply(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    WgwOutput *output = g_task_get_task_data(task);
    GError *error = NULL;
    GVariant *reply = g_dbus_connection_call_with_unix_fd_list_finish(G_DBUS_CONNECTION(source),
                                                                      NULL, result, &error);

    if (reply && output) {
        guint pid;

        g_variant_get_child(reply, 1, "u", &pid);
        wgw_client_watch_output(g_task_get_source_object(task), pid, output);
    }
    if (reply)
        g_task_return_pointer(task, reply, (GDestroyNotify)g_variant_unref);
    else {
        g_dbus_error_strip_remote_error(error);
        /* The bus's own words are none for people. */
        if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)) {
            g_free(error->message);
            error->message =
                g_strdup(_("The wg-wrap service ended before it answered. Try it again."));
        }
        g_task_return_error(task, error);
    }
}

/* @task is the client's, and consumed; its data is the WgwOutput of the program that is launched, or
 * NULL. @parameters is floating, and always consumed. @fd is owned by the call; -1: none. */
static void
send(GTask *task,
     const char *path,
     const char *interface,
     const char *method,
     GVariant *parameters,
     int fd)
{
    g_autoptr(GVariant) sunk = parameters ? g_variant_ref_sink(parameters) : NULL;
    g_autoptr(GUnixFDList) fds = fd >= 0 ? g_unix_fd_list_new_from_array(&fd, 1) : NULL;
    GDBusConnection *connection = wgw_client_get_connection(g_task_get_source_object(task));

    if (!path || !connection) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED, "%s",
                                connection ? _("This tunnel does not run.")
                                           : _("The wg-wrap service does not answer."));
        g_object_unref(task);
        return;
    }
    g_dbus_connection_call_with_unix_fd_list(connection, WGW_BUS_NAME, path, interface, method,
                                             sunk, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, fds,
                                             g_task_get_cancellable(task), on_reply, task);
}

static void
call(WgwClient *client,
     const char *path,
     const char *interface,
     const char *method,
     GVariant *parameters,
     int fd,
     GCancellable *cancellable,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
    send(g_task_new(client, cancellable, callback, user_data), path, interface, method, parameters,
         fd);
}

static void
call_manager(WgwClient *client,
             const char *method,
             GVariant *parameters,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
    call(client, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, method, parameters, -1,
         wgw_client_get_cancellable(client), callback, user_data);
}

static void
call_profile(WgwClient *client,
             WgwTunnel *tunnel,
             const char *method,
             GVariant *parameters,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
    call(client, wgw_tunnel_get_path(tunnel), WGW_PROFILE_INTERFACE, method, parameters, -1,
         wgw_client_get_cancellable(client), callback, user_data);
}

static void
call_session(WgwClient *client,
             WgwTunnel *tunnel,
             const char *method,
             GVariant *parameters,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
    call(client, wgw_client_get_session_path(client, tunnel), WGW_SESSION_INTERFACE, method,
         parameters, -1, wgw_client_get_cancellable(client), callback, user_data);
}

/* @stderr_fd: what goes with the call, -1: nothing. */
static GVariant *
launch_options(const char *activation_token, int stderr_fd)
{
    GVariantDict dict;

    g_variant_dict_init(&dict, NULL);
    if (stderr_fd >= 0)
        g_variant_dict_insert(&dict, "stderr", "h", 0);
    if (activation_token)
        g_variant_dict_insert(&dict, "activation-token", "s", activation_token);
    return g_variant_dict_end(&dict);
}

void
wgw_client_import(WgwClient *client,
                  const char *name,
                  const char *config,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    gsize length = strlen(config);
    int fd = memfd_create("profile", MFD_CLOEXEC);

    if (fd < 0 || write(fd, config, length) != (gssize)length || lseek(fd, 0, SEEK_SET) != 0) {
        g_task_report_new_error(client, callback, user_data, wgw_client_import, WGW_ERROR,
                                WGW_ERROR_LIMIT_REACHED,
                                _("There is no memory for the profile: %s"), g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    call(client, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, "ImportFile",
         g_variant_new("(sh)", name, 0), fd, wgw_client_get_cancellable(client), callback,
         user_data);
}

void
wgw_client_get_config(WgwClient *client,
                      WgwTunnel *tunnel,
                      gboolean with_secrets,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    call_profile(client, tunnel, "GetConfig", g_variant_new("(b)", with_secrets), callback,
                 user_data);
}

void
wgw_client_update(WgwClient *client,
                  WgwTunnel *tunnel,
                  const char *config,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_profile(client, tunnel, "Update", g_variant_new("(s)", config), callback, user_data);
}

void
wgw_client_compare(WgwClient *client,
                   WgwTunnel *tunnel,
                   const char *config,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
    call_profile(client, tunnel, "Compare", g_variant_new("(s)", config), callback, user_data);
}

void
wgw_client_rename(WgwClient *client,
                  WgwTunnel *tunnel,
                  const char *name,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_profile(client, tunnel, "Rename", g_variant_new("(s)", name), callback, user_data);
}

void
wgw_client_remove(WgwClient *client,
                  WgwTunnel *tunnel,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_profile(client, tunnel, "Remove", NULL, callback, user_data);
}

void
wgw_client_set_local_ports(WgwClient *client,
                           WgwTunnel *tunnel,
                           GVariant *forwarded,
                           GVariant *published,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
    call_profile(client, tunnel, "SetLocalPorts", g_variant_new("(@aq@aq)", forwarded, published),
                 callback, user_data);
}

void
wgw_client_set_tunnel_dns(WgwClient *client,
                          WgwTunnel *tunnel,
                          const char *const *servers,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
    call_profile(client, tunnel, "SetTunnelDns", g_variant_new("(^as)", servers), callback,
                 user_data);
}

void
wgw_client_set_bus(WgwClient *client,
                   WgwTunnel *tunnel,
                   const char *policy,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
    call_profile(client, tunnel, "SetBus", g_variant_new("(s)", policy), callback, user_data);
}

void
wgw_client_set_address_page(WgwClient *client,
                            WgwTunnel *tunnel,
                            const char *url,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
    call_profile(client, tunnel, "SetAddressPage", g_variant_new("(s)", url), callback, user_data);
}

void
wgw_client_set_autostart(WgwClient *client,
                         WgwTunnel *tunnel,
                         gboolean enabled,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
    call_profile(client, tunnel, "SetAutostart", g_variant_new("(b)", enabled), callback,
                 user_data);
}

void
wgw_client_list_private_data(WgwClient *client,
                             const char *const *profiles,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
    call(client, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, "ListPrivateData",
         g_variant_new("(^as)", profiles), -1, cancellable, callback, user_data);
}

void
wgw_client_remove_private_data(WgwClient *client,
                               const char *profile,
                               const char *recipe,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
    const char *recipes[] = {recipe, NULL};

    call_manager(client, "RemovePrivateData", g_variant_new("(s^as)", profile, recipes), callback,
                 user_data);
}

void
wgw_client_check(WgwClient *client,
                 const char *config,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
    call(client, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, "CheckConfig",
         g_variant_new("(s)", config), -1, cancellable, callback, user_data);
}

void
wgw_client_generate_key(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data)
{
    call_manager(client, "GenerateKey", NULL, callback, user_data);
}

void
wgw_client_get_log(WgwClient *client,
                   WgwTunnel *tunnel,
                   guint64 after,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
    call_profile(client, tunnel, "GetLog", g_variant_new("(t)", after), callback, user_data);
}

void
wgw_client_open(WgwClient *client,
                WgwTunnel *tunnel,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
    call_profile(client, tunnel, "Open", g_variant_new("(@a{sv})", launch_options(NULL, -1)),
                 callback, user_data);
}

void
wgw_client_close(WgwClient *client,
                 WgwTunnel *tunnel,
                 gboolean force,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
    call_session(client, tunnel, "Close", g_variant_new("(b)", force), callback, user_data);
}

void
wgw_client_reconnect(WgwClient *client,
                     WgwTunnel *tunnel,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
    call_session(client, tunnel, "Reconnect", NULL, callback, user_data);
}

/* A task whose program's output is collected. *ret_fd (owned by the caller) is for the program; -1 where
 * that cannot be had: the output then goes where it always would. */
static GTask *
new_launch(WgwClient *client, int *ret_fd, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(client, wgw_client_get_cancellable(client), callback, user_data);
    WgwOutput *output = wgw_output_new(ret_fd);

    if (output)
        g_task_set_task_data(task, output, g_object_unref);
    else
        *ret_fd = -1;
    return task;
}

void
wgw_client_check_session(WgwClient *client,
                         WgwTunnel *tunnel,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
    call_session(client, tunnel, "Examine", NULL, callback, user_data);
}

void
wgw_client_launch(WgwClient *client,
                  WgwTunnel *tunnel,
                  const char *const *argv,
                  const char *activation_token,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    int fd;
    GTask *task = new_launch(client, &fd, callback, user_data);

    send(task, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, "Launch",
         g_variant_new("(s^as@a{sv})", wgw_tunnel_get_name(tunnel), argv,
                       launch_options(activation_token, fd)),
         fd);
}

void
wgw_client_launch_app(WgwClient *client,
                      WgwTunnel *tunnel,
                      const char *desktop_id,
                      const char *activation_token,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    const char *no_uris[] = {NULL};
    int fd;
    GTask *task = new_launch(client, &fd, callback, user_data);

    send(task, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, "LaunchApp",
         g_variant_new("(ss^as@a{sv})", wgw_tunnel_get_name(tunnel), desktop_id, no_uris,
                       launch_options(activation_token, fd)),
         fd);
}

void
wgw_client_open_uri(WgwClient *client,
                    WgwTunnel *tunnel,
                    const char *uri,
                    const char *activation_token,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
    const char *uris[] = {uri, NULL};

    call_manager(client, "OpenUris",
                 g_variant_new("(s^as@a{sv})", wgw_tunnel_get_name(tunnel), uris,
                               launch_options(activation_token, -1)),
                 callback, user_data);
}

void
wgw_client_signal(WgwClient *client,
                  WgwTunnel *tunnel,
                  guint pid,
                  int number,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_session(client, tunnel, "Signal", g_variant_new("(ui)", pid, number), callback, user_data);
}

void
wgw_client_describe_launch(WgwClient *client,
                           WgwTunnel *tunnel,
                           const char *desktop_id,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
    call_profile(client, tunnel, "DescribeLaunch", g_variant_new("(s)", desktop_id), callback,
                 user_data);
}

void
wgw_client_set_launcher(WgwClient *client,
                        WgwTunnel *tunnel,
                        const char *desktop_id,
                        gboolean present,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
    call_profile(client, tunnel, present ? "CreateLauncher" : "RemoveLauncher",
                 g_variant_new("(s)", desktop_id), callback, user_data);
}

void
wgw_client_start_demo(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data)
{
    call_manager(client, "StartDemo", NULL, callback, user_data);
}

void
wgw_client_get_settings(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data)
{
    call(client, WGW_OBJECT_PATH, PROPERTIES_INTERFACE, "GetAll",
         g_variant_new("(s)", WGW_MANAGER_INTERFACE), -1, wgw_client_get_cancellable(client),
         callback, user_data);
}

void
wgw_client_set_setting(WgwClient *client,
                       const char *name,
                       GVariant *value,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
    call(client, WGW_OBJECT_PATH, PROPERTIES_INTERFACE, "Set",
         g_variant_new("(ssv)", WGW_MANAGER_INTERFACE, name, value), -1,
         wgw_client_get_cancellable(client), callback, user_data);
}

void
wgw_client_add_link_rule(WgwClient *client,
                         const char *pattern,
                         const char *profile,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
    call_manager(client, "AddLinkRule", g_variant_new("(ss)", pattern, profile), callback,
                 user_data);
}

void
wgw_client_remove_link_rule(WgwClient *client,
                            const char *pattern,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
    call_manager(client, "RemoveLinkRule", g_variant_new("(s)", pattern), callback, user_data);
}

/* A file is what no rule is for. */
void
wgw_client_find_browser(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data)
{
    call_manager(client, "RouteLink", g_variant_new("(s)", "file:///"), callback, user_data);
}

void
wgw_client_diagnose(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data)
{
    call_manager(client, "Examine", NULL, callback, user_data);
}

GVariant *
wgw_client_call_finish(WgwClient *client, GAsyncResult *result, GError **error)
{
    g_return_val_if_fail(g_task_is_valid(result, client), NULL);

    return g_task_propagate_pointer(G_TASK(result), error);
}
