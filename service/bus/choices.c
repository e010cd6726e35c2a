/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/choices.h"

#include "bus/options.h"
#include "bus/settings.h"

void
wgw_choices_publish(WgwDbusProfile *object)
{
    g_auto(WgwChoices) choices = {0};

    wgw_settings_get_choices(wgw_dbus_profile_get_name(object), &choices);
    wgw_dbus_profile_set_forwarded_ports(object, wgw_ports_to_variant(choices.forwarded));
    wgw_dbus_profile_set_published_ports(object, wgw_ports_to_variant(choices.published));
    wgw_dbus_profile_set_tunnel_dns(object, (const char *const *)choices.dns);
    wgw_dbus_profile_set_bus(object, choices.bus);
    wgw_dbus_profile_set_address_page(object, choices.page);
}

char *
wgw_choices_dup_bus(const WgwService *service, const char *name)
{
    g_auto(WgwChoices) choices = {0};

    wgw_settings_get_choices(name, &choices);
    return g_strdup(*choices.bus ? choices.bus : service->default_bus);
}

void
wgw_choices_apply_async(WgwMirror *mirror, GAsyncReadyCallback callback, gpointer user_data)
{
    g_auto(WgwChoices) choices = {0};

    wgw_settings_get_choices(wgw_mirror_get_name(mirror), &choices);
    wgw_mirror_call_async(mirror, "SetChoices",
                          g_variant_new("(@aq@aq^as)", wgw_ports_to_variant(choices.forwarded),
                                        wgw_ports_to_variant(choices.published), choices.dns),
                          NULL, callback, user_data);
}

static void
on_applied(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GError *error = NULL;
    g_autoptr(GVariant) reply = wgw_mirror_call_finish(WGW_MIRROR(source), result, NULL, &error);

    /* For a session that has just ended it is as good as told. */
    if (reply || wgw_mirror_is_ended(error)) {
        g_dbus_method_invocation_return_value(user_data, NULL);
        g_clear_error(&error);
    } else
        wgw_service_return_error(user_data, error);
}

/* The properties are there before the answer. */
static gboolean
keep(WgwDbusProfile *object, const WgwChoices *choices, GDBusMethodInvocation *invocation)
{
    GError *error = NULL;

    if (!wgw_settings_set_choices(wgw_dbus_profile_get_name(object), choices, &error)) {
        wgw_service_return_error(invocation, error);
        return FALSE;
    }
    wgw_choices_publish(object);
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(object));
    return TRUE;
}

static void
keep_and_apply(WgwService *service,
               WgwDbusProfile *object,
               const WgwChoices *choices,
               GDBusMethodInvocation *invocation)
{
    WgwMirror *mirror = wgw_registry_lookup(service->registry, wgw_dbus_profile_get_name(object));

    if (!keep(object, choices, invocation))
        return;
    if (mirror)
        wgw_choices_apply_async(mirror, on_applied, invocation);
    else
        g_dbus_method_invocation_return_value(invocation, NULL);
}

gboolean
wgw_choices_on_set_local_ports(WgwDbusProfile *object,
                               GDBusMethodInvocation *invocation,
                               GVariant *forwarded,
                               GVariant *published,
                               gpointer user_data)
{
    g_auto(WgwChoices) choices = {0};
    g_autoptr(GArray) to_session = NULL;
    g_autoptr(GArray) to_machine = NULL;
    GError *error = NULL;

    to_session = wgw_ports_from_variant(forwarded, &error);
    if (to_session)
        to_machine = wgw_ports_from_variant(published, &error);
    if (!to_machine) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_settings_get_choices(wgw_dbus_profile_get_name(object), &choices);
    g_array_unref(choices.forwarded);
    g_array_unref(choices.published);
    choices.forwarded = g_steal_pointer(&to_session);
    choices.published = g_steal_pointer(&to_machine);
    keep_and_apply(user_data, object, &choices, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

gboolean
wgw_choices_on_set_tunnel_dns(WgwDbusProfile *object,
                              GDBusMethodInvocation *invocation,
                              const char *const *servers,
                              gpointer user_data)
{
    g_auto(WgwChoices) choices = {0};
    GError *error = NULL;

    if (!wgw_servers_check(servers, &error)) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_settings_get_choices(wgw_dbus_profile_get_name(object), &choices);
    g_strfreev(choices.dns);
    choices.dns = g_strdupv((char **)servers);
    keep_and_apply(user_data, object, &choices, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

gboolean
wgw_choices_on_set_bus(WgwDbusProfile *object,
                       GDBusMethodInvocation *invocation,
                       const char *policy,
                       gpointer user_data)
{
    g_auto(WgwChoices) choices = {0};
    GError *error = NULL;

    if (*policy && !wgw_options_check_bus(policy, &error)) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_settings_get_choices(wgw_dbus_profile_get_name(object), &choices);
    g_free(choices.bus);
    choices.bus = g_strdup(policy);
    if (keep(object, &choices, invocation))
        wgw_dbus_profile_complete_set_bus(object, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

gboolean
wgw_choices_on_set_address_page(WgwDbusProfile *object,
                                GDBusMethodInvocation *invocation,
                                const char *url,
                                gpointer user_data)
{
    g_auto(WgwChoices) choices = {0};
    GError *error = NULL;

    if (!wgw_page_check(url, &error)) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_settings_get_choices(wgw_dbus_profile_get_name(object), &choices);
    g_free(choices.page);
    choices.page = g_strdup(url);
    if (keep(object, &choices, invocation))
        wgw_dbus_profile_complete_set_address_page(object, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}
