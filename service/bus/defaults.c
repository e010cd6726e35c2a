/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/defaults.h"

#include "bus/options.h"
#include "bus/session-object.h"
#include "bus/settings.h"

/* Until something else was set. */
#define DEFAULT_BUS    "auto"
#define DEFAULT_LINGER 10

/* A property's writer cannot be answered; what is refused goes back to what it was. */
static void
on_default_bus(WgwDbusManager *manager, GParamSpec *pspec, gpointer user_data)
{
    WgwService *service = user_data;
    const char *policy = wgw_dbus_manager_get_default_bus(manager);
    g_autoptr(GError) error = NULL;

    if (g_strcmp0(policy, service->default_bus) == 0)
        return;
    if (!wgw_options_check_bus(policy, &error) || !wgw_settings_set("DefaultBus", policy, &error)) {
        g_warning("DefaultBus: %s", error->message);
        wgw_dbus_manager_set_default_bus(manager, service->default_bus);
        return;
    }
    g_free(service->default_bus);
    service->default_bus = g_strdup(policy);
}

static void
on_default_linger(WgwDbusManager *manager, GParamSpec *pspec, gpointer user_data)
{
    WgwService *service = user_data;
    guint seconds = MIN(wgw_dbus_manager_get_default_linger(manager), WGW_SESSION_MAX_LINGER);
    g_autofree char *text = g_strdup_printf("%u", seconds);
    g_autoptr(GError) error = NULL;

    if (seconds != service->default_linger) {
        if (wgw_settings_set("DefaultLinger", text, &error))
            service->default_linger = seconds;
        else
            g_warning("DefaultLinger: %s", error->message);
        wgw_registry_set_linger(service->registry, service->default_linger);
    }
    if (service->default_linger != wgw_dbus_manager_get_default_linger(manager))
        wgw_dbus_manager_set_default_linger(manager, service->default_linger);
}

void
wgw_defaults_serve(WgwService *service, WgwDbusManager *manager)
{
    g_autofree char *linger = wgw_settings_get("DefaultLinger", "");
    guint64 seconds;

    service->default_bus = wgw_settings_get("DefaultBus", DEFAULT_BUS);
    /* The file may have been written by hand. */
    if (!wgw_options_check_bus(service->default_bus, NULL)) {
        g_free(service->default_bus);
        service->default_bus = g_strdup(DEFAULT_BUS);
    }
    service->default_linger = DEFAULT_LINGER;
    if (g_ascii_string_to_unsigned(linger, 10, 0, WGW_SESSION_MAX_LINGER, &seconds, NULL))
        service->default_linger = (guint)seconds;
    wgw_registry_set_linger(service->registry, service->default_linger);
    wgw_dbus_manager_set_default_bus(manager, service->default_bus);
    wgw_dbus_manager_set_default_linger(manager, service->default_linger);
    g_signal_connect(manager, "notify::default-bus", G_CALLBACK(on_default_bus), service);
    g_signal_connect(manager, "notify::default-linger", G_CALLBACK(on_default_linger), service);
}
