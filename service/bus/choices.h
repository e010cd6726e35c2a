/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"
#include "dbus/wgw-dbus.h"

/* A profile's choices (bus/settings.h) on their way: to the bus, and to its session. */

/* wgw_choices_publish - as properties of the profile's object. */
void wgw_choices_publish(WgwDbusProfile *object);

/* wgw_choices_apply_async - to a session. Finish with wgw_mirror_call_finish, which has a refusal. */
void wgw_choices_apply_async(WgwMirror *mirror, GAsyncReadyCallback callback, gpointer user_data);

/* wgw_choices_dup_bus - the policy of a launch in the profile @name that has none of its own. (transfer
 * full) */
char *wgw_choices_dup_bus(const WgwService *service, const char *name);

/* Handlers of SetLocalPorts(), SetTunnelDns(), SetBus() and SetAddressPage(); @user_data is the WgwService. */
gboolean wgw_choices_on_set_local_ports(WgwDbusProfile *object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *forwarded,
                                        GVariant *published,
                                        gpointer user_data);
gboolean wgw_choices_on_set_tunnel_dns(WgwDbusProfile *object,
                                       GDBusMethodInvocation *invocation,
                                       const char *const *servers,
                                       gpointer user_data);
gboolean wgw_choices_on_set_bus(WgwDbusProfile *object,
                                GDBusMethodInvocation *invocation,
                                const char *policy,
                                gpointer user_data);
gboolean wgw_choices_on_set_address_page(WgwDbusProfile *object,
                                         GDBusMethodInvocation *invocation,
                                         const char *url,
                                         gpointer user_data);
