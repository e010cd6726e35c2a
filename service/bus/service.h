/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

#include "bus/callers.h"
#include "bus/demo.h"
#include "bus/launchers.h"
#include "dbus/wgw-dbus.h"
#include "profile/store.h"
#include "session/registry.h"

/* What the objects on the bus have in common. One for the process; nothing of it is ever freed. */
typedef struct {
    GDBusConnection *connection;
    GDBusObjectManagerServer *objects;
    WgwProfileStore *store;
    WgwLogs *logs;
    WgwBridge *bridge;
    WgwRegistry *registry;
    WgwCallers *callers;
    WgwDemo *demo;
    WgwLaunchers *launchers;
    WgwDbusManager *manager;
    char *default_profile;
    char *browser;          /* a desktop ID, or "" */
    GHashTable *link_rules; /* pattern -> profile's name */
    char *default_bus;      /* a launch's policy that names none */
    guint default_linger;
} WgwService;

/* wgw_service_start - put all objects on @connection: profiles, the sessions that run already, the
 * manager. Then @ready is called, and the bus name may be owned. FALSE with @error set if the profiles
 * cannot be read. */
gboolean wgw_service_start(GDBusConnection *connection,
                           void (*ready)(gpointer user_data),
                           gpointer user_data,
                           GError **error);

/* wgw_service_find_profile - lent; "" is the default profile. NULL with WGW_ERROR_NO_SUCH_PROFILE. */
WgwProfile *wgw_service_find_profile(WgwService *service, const char *name, GError **error);

/* wgw_service_return_error - answer @invocation with @error, freed, without GIO's prefix. */
void wgw_service_return_error(GDBusMethodInvocation *invocation, GError *error);
