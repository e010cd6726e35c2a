/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

#include "gui/tunnel.h"

/* The service, as widgets see it: a list of tunnels and things to ask for. This is the only file of
 * the application that knows the bus. Every call is asynchronous; each ends with
 * wgw_client_call_finish(), whose error is in the contract's domain with a message for people.
 *
 * Properties: "available", whether the service answers; "watching", whether somebody looks at the
 * counters: while it is set, every running tunnel is sampled once a second.
 *
 * Signals: "program-failed" (const char *message, gboolean handed_over, const char *output): a program in
 * a tunnel has ended, or has let a copy outside do its work, and that is to be said of it. @output is what
 * it wrote to its standard error last, "" if that is not known. "logged" (WgwTunnel *, guint64 time,
 * const char *severity, const char *message): one more entry of wgw_client_get_log. "moved" (WgwTunnel
 * *from, WgwTunnel *to): a profile has another name, by whomever. "removed" (WgwTunnel *): a profile is
 * gone for good, unlike one whose service has gone. */
#define WGW_TYPE_CLIENT (wgw_client_get_type())
G_DECLARE_FINAL_TYPE(WgwClient, wgw_client, WGW, CLIENT, GObject)

/* wgw_client_new - starts the service if it does not run. It may vanish and come back at any time;
 * the list follows. */
WgwClient *wgw_client_new(void);

/* wgw_client_get_tunnels - of WgwTunnel, unsorted. (transfer none) */
GListModel *wgw_client_get_tunnels(WgwClient *client);

/* wgw_client_has_tunnel - whether one has this name. */
gboolean wgw_client_has_tunnel(WgwClient *client, const char *name);

/* wgw_client_find_tunnel - the one of this name; NULL: there is none. (transfer none) */
WgwTunnel *wgw_client_find_tunnel(WgwClient *client, const char *name);

/* wgw_client_get_error - why the service could not be reached; NULL while it can. */
const char *wgw_client_get_error(WgwClient *client);

/* wgw_client_is_settled - whether there is nothing to wait for: the service has told its profiles since the
 * start of the application, or cannot be reached. While it is away they stay as it told them last. */
gboolean wgw_client_is_settled(WgwClient *client);

/* wgw_client_retry - start the service again after it was lost. */
void wgw_client_retry(WgwClient *client);

/* Profiles. wgw_client_import passes the text by a descriptor, for it has keys in it.
 * wgw_client_get_config answers (s), wgw_client_generate_key (ss), wgw_client_check a(uusss). */
void wgw_client_import(WgwClient *client,
                       const char *name,
                       const char *config,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
void wgw_client_get_config(WgwClient *client,
                           WgwTunnel *tunnel,
                           gboolean with_secrets,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
void wgw_client_update(WgwClient *client,
                       WgwTunnel *tunnel,
                       const char *config,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
/* wgw_client_compare - what an update would change in a session that runs; answers (as), for people. */
void wgw_client_compare(WgwClient *client,
                        WgwTunnel *tunnel,
                        const char *config,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
void wgw_client_rename(WgwClient *client,
                       WgwTunnel *tunnel,
                       const char *name,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
void wgw_client_remove(WgwClient *client,
                       WgwTunnel *tunnel,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
/* wgw_client_set_local_ports - aq each. */
void wgw_client_set_local_ports(WgwClient *client,
                                WgwTunnel *tunnel,
                                GVariant *forwarded,
                                GVariant *published,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
void wgw_client_set_tunnel_dns(WgwClient *client,
                               WgwTunnel *tunnel,
                               const char *const *servers,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* wgw_client_set_bus - "auto", "shared", "private" or "". */
void wgw_client_set_bus(WgwClient *client,
                        WgwTunnel *tunnel,
                        const char *policy,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
void wgw_client_set_address_page(WgwClient *client,
                                 WgwTunnel *tunnel,
                                 const char *url,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* wgw_client_set_autostart - whether it is opened at login. */
void wgw_client_set_autostart(WgwClient *client,
                              WgwTunnel *tunnel,
                              gboolean enabled,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* wgw_client_list_private_data - what programs keep for @profiles, by name; none: for all there ever were,
 * the removed ones, too. Answers (aa{sv}), see Manager.ListPrivateData(). */
void wgw_client_list_private_data(WgwClient *client,
                                  const char *const *profiles,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
void wgw_client_remove_private_data(WgwClient *client,
                                    const char *profile,
                                    const char *recipe,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
void wgw_client_check(WgwClient *client,
                      const char *config,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
void wgw_client_generate_key(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data);
/* wgw_client_get_log - what is later than @after, in µs; answers (a(tss)): time, severity, message. */
void wgw_client_get_log(WgwClient *client,
                        WgwTunnel *tunnel,
                        guint64 after,
                        GAsyncReadyCallback callback,
                        gpointer user_data);

/* Sessions. wgw_client_launch and wgw_client_launch_app answer (ou). */
void wgw_client_open(WgwClient *client,
                     WgwTunnel *tunnel,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
void wgw_client_close(WgwClient *client,
                      WgwTunnel *tunnel,
                      gboolean force,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
void wgw_client_reconnect(WgwClient *client,
                          WgwTunnel *tunnel,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* wgw_client_check_session - answers (a(ssbss)). */
void wgw_client_check_session(WgwClient *client,
                              WgwTunnel *tunnel,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* @activation_token: for the new window's focus; NULL for none. */
void wgw_client_launch(WgwClient *client,
                       WgwTunnel *tunnel,
                       const char *const *argv,
                       const char *activation_token,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
void wgw_client_launch_app(WgwClient *client,
                           WgwTunnel *tunnel,
                           const char *desktop_id,
                           const char *activation_token,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
void wgw_client_open_uri(WgwClient *client,
                         WgwTunnel *tunnel,
                         const char *uri,
                         const char *activation_token,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
void wgw_client_signal(WgwClient *client,
                       WgwTunnel *tunnel,
                       guint pid,
                       int number,
                       GAsyncReadyCallback callback,
                       gpointer user_data);

/* How an application would be launched: wgw_client_describe_launch answers (a{sv}), see
 * Profile.DescribeLaunch(). wgw_client_set_launcher makes or removes the desktop's entry for it. */
void wgw_client_describe_launch(WgwClient *client,
                                WgwTunnel *tunnel,
                                const char *desktop_id,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
void wgw_client_set_launcher(WgwClient *client,
                             WgwTunnel *tunnel,
                             const char *desktop_id,
                             gboolean present,
                             GAsyncReadyCallback callback,
                             gpointer user_data);

/* wgw_client_start_demo - answers (os): the profile's path, and a web page in the tunnel. */
void wgw_client_start_demo(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data);

/* What the service does where it is not told, by the names of the Manager's properties:
 * wgw_client_get_settings answers (a{sv}). @value is consumed if it is floating. */
void wgw_client_get_settings(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data);
void wgw_client_set_setting(WgwClient *client,
                            const char *name,
                            GVariant *value,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/* Links. wgw_client_find_browser answers (ss), the second of which is the desktop ID of what opens those that
 * no rule is for. */
void wgw_client_add_link_rule(WgwClient *client,
                              const char *pattern,
                              const char *profile,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void wgw_client_remove_link_rule(WgwClient *client,
                                 const char *pattern,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
void wgw_client_find_browser(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data);

/* wgw_client_diagnose - answers (a(ssbss)). */
void wgw_client_diagnose(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data);

/* wgw_client_call_finish - the answer as a tuple, (transfer full), or NULL with @error set. */
GVariant *wgw_client_call_finish(WgwClient *client, GAsyncResult *result, GError **error);
