/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/profile-object.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bus/choices.h"
#include "bus/links.h"
#include "bus/options.h"
#include "bus/preview.h"
#include "bus/settings.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"
#include "dbus/wgw-dbus.h"
#include "launcher/autostart.h"
#include "launcher/desktop-launcher.h"
#include "launcher/recipe.h"
#include "profile/changes.h"
#include "profile/document.h"

/* A request that is on its way. */
struct request {
    WgwService *service;
    GDBusMethodInvocation *invocation;
    char *name;
};

/* The object's profile as it is now; NULL, and answered, if it went in that moment. */
static WgwProfile *
get_profile(WgwService *service, WgwDbusProfile *object, GDBusMethodInvocation *invocation)
{
    GError *error = NULL;
    WgwProfile *profile =
        wgw_service_find_profile(service, wgw_dbus_profile_get_name(object), &error);

    if (!profile)
        wgw_service_return_error(invocation, error);
    return profile;
}

/* FALSE, and answered, while its session runs. */
static gboolean
check_idle(WgwService *service, WgwProfile *profile, GDBusMethodInvocation *invocation)
{
    const char *name = wgw_profile_get_name(profile);

    if (!wgw_registry_lookup(service->registry, name))
        return TRUE;
    g_dbus_method_invocation_return_error(
        invocation, WGW_ERROR, WGW_ERROR_BUSY,
        _("The tunnel “%s” is open. Close it first: wg-wrap down --force %s"), name, name);
    return FALSE;
}

static gboolean
on_get_config(WgwDbusProfile *object,
              GDBusMethodInvocation *invocation,
              gboolean with_secrets,
              gpointer user_data)
{
    WgwProfile *profile = get_profile(user_data, object, invocation);
    g_autoptr(WgwSecret) text = NULL;
    g_autofree char *hidden = NULL;
    GError *error = NULL;

    if (!profile)
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    text = wgw_profile_read(profile, &error);
    if (!text) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    if (!with_secrets)
        hidden = wgw_document_hide_secrets(wgw_secret_get_text(text),
                                           (gssize)wgw_secret_get_length(text));
    else if (!g_utf8_validate(wgw_secret_get_text(text), (gssize)wgw_secret_get_length(text),
                              NULL)) {
        g_dbus_method_invocation_return_error(
            invocation, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
            _("The file is not UTF-8 text, so D-Bus cannot carry it. Open %s in an editor."),
            wgw_profile_get_path(profile));
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_dbus_profile_complete_get_config(object, invocation,
                                         hidden ? hidden : wgw_secret_get_text(text));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_update(WgwDbusProfile *object,
          GDBusMethodInvocation *invocation,
          const char *config,
          gpointer user_data)
{
    WgwService *service = user_data;
    WgwProfile *profile = get_profile(service, object, invocation);
    GError *error = NULL;

    if (!profile)
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    if (wgw_profile_store_update(service->store, profile, config, -1, &error))
        wgw_dbus_profile_complete_update(object, invocation);
    else
        wgw_service_return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_compare(WgwDbusProfile *object,
           GDBusMethodInvocation *invocation,
           const char *text,
           gpointer user_data)
{
    WgwProfile *profile = get_profile(user_data, object, invocation);
    g_autoptr(WgwSecret) old = NULL;
    g_autoptr(WgwSecret) restored = NULL;
    g_autoptr(WgwConfig) from = NULL;
    g_autoptr(WgwConfig) to = NULL;
    g_autoptr(GPtrArray) changes = NULL;
    GError *error = NULL;

    if (!profile)
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    old = wgw_profile_read(profile, &error);
    if (old)
        from = wgw_config_parse(wgw_secret_get_text(old), (gssize)wgw_secret_get_length(old),
                                WGW_CONFIG_SECRETS, NULL, &error);
    if (from) {
        restored = wgw_document_restore_secrets(text, strlen(text), wgw_secret_get_text(old),
                                                wgw_secret_get_length(old));
        to =
            wgw_config_parse(wgw_secret_get_text(restored), (gssize)wgw_secret_get_length(restored),
                             WGW_CONFIG_SECRETS, NULL, &error);
    }
    if (!to) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    changes = wgw_changes_new(from, to);
    g_ptr_array_add(changes, NULL);
    wgw_dbus_profile_complete_compare(object, invocation, (const char *const *)changes->pdata);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_rename(WgwDbusProfile *object,
          GDBusMethodInvocation *invocation,
          const char *name,
          gpointer user_data)
{
    WgwService *service = user_data;
    WgwProfile *profile = get_profile(service, object, invocation);
    WgwProfile *renamed;
    g_autofree char *old_name = NULL;
    g_autoptr(GVariant) log = NULL;
    g_autoptr(GError) left_behind = NULL;
    g_autoptr(GError) not_moved = NULL;
    g_autoptr(GError) not_started = NULL;
    GError *error = NULL;

    if (!profile || !check_idle(service, profile, invocation))
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    old_name = g_strdup(wgw_profile_get_name(profile));
    log = g_variant_ref_sink(wgw_logs_to_variant(service->logs, old_name, 0));
    renamed = wgw_profile_store_rename(service->store, profile, name, &error);
    if (!renamed) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_logs_restore(service->logs, name, log);
    if (!wgw_settings_move_choices(old_name, name, &not_moved))
        g_warning("profile: %s", not_moved->message);
    if (!wgw_recipe_rename_profile(old_name, name, &left_behind))
        g_warning("profile: %s", left_behind->message);
    if (!wgw_autostart_rename_profile(old_name, name, &not_started))
        g_warning("profile: %s", not_started->message);
    wgw_desktop_launcher_rename_profile(old_name, name);
    wgw_links_rename_profile(service, old_name, name);
    wgw_profile_object_update(service, renamed);
    wgw_dbus_profile_complete_rename(object, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_remove(WgwDbusProfile *object, GDBusMethodInvocation *invocation, gpointer user_data)
{
    WgwService *service = user_data;
    WgwProfile *profile = get_profile(service, object, invocation);
    g_autofree char *name = NULL;
    GError *error = NULL;

    if (!profile || !check_idle(service, profile, invocation))
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    name = g_strdup(wgw_profile_get_name(profile));
    if (wgw_profile_store_remove(service->store, profile, &error)) {
        /* The profile has gone, so each of these goes whatever becomes of the others. */
        if (!wgw_autostart_set(name, FALSE, &error))
            g_prefix_error(&error,
                           _("The profile “%s” is removed, but what opens it at login is not: "),
                           name);
        wgw_desktop_launcher_remove_profile(name);
        wgw_settings_move_choices(name, NULL, error ? NULL : &error);
    }
    if (error)
        wgw_service_return_error(invocation, error);
    else
        wgw_dbus_profile_complete_remove(object, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_opened(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    GError *error = NULL;
    g_autoptr(GVariant) reply =
        wgw_registry_call_finish(WGW_REGISTRY(source), result, NULL, &error);
    g_autofree char *path = wgw_path_for_session(request->name);

    if (reply)
        g_dbus_method_invocation_return_value(request->invocation, g_variant_new("(o)", path));
    else
        wgw_service_return_error(request->invocation, error);
    g_free(request->name);
    g_free(request);
}

static gboolean
on_open(WgwDbusProfile *object,
        GDBusMethodInvocation *invocation,
        GVariant *options,
        gpointer user_data)
{
    WgwService *service = user_data;
    WgwProfile *profile = get_profile(service, object, invocation);
    GError *error = NULL;
    struct request *request;

    if (!profile)
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    if (!wgw_options_check(options, WGW_OPTIONS_WAIT, &error)) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    request = g_new0(struct request, 1);
    request->service = service;
    request->invocation = invocation;
    request->name = g_strdup(wgw_profile_get_name(profile));
    wgw_registry_call_async(service->registry, profile, wgw_options_get_wait(options), "Hold", NULL,
                            NULL, -1, on_opened, request);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_create_launcher(WgwDbusProfile *object,
                   GDBusMethodInvocation *invocation,
                   const char *desktop_id,
                   gpointer user_data)
{
    WgwService *service = user_data;
    GError *error = NULL;
    g_autofree char *path =
        wgw_desktop_launcher_create(wgw_dbus_profile_get_name(object), desktop_id, &error);
    g_autofree char *display = path ? g_filename_display_name(path) : NULL;

    if (path) {
        wgw_launchers_look(service->launchers);
        wgw_dbus_profile_complete_create_launcher(object, invocation, display);
    } else
        wgw_service_return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_remove_launcher(WgwDbusProfile *object,
                   GDBusMethodInvocation *invocation,
                   const char *desktop_id,
                   gpointer user_data)
{
    GError *error = NULL;

    if (wgw_desktop_launcher_remove(wgw_dbus_profile_get_name(object), desktop_id, &error))
        wgw_dbus_profile_complete_remove_launcher(object, invocation);
    else
        wgw_service_return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_described(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusMethodInvocation *invocation = user_data;
    GError *error = NULL;
    g_autoptr(GVariant) description = wgw_preview_finish(result, &error);

    if (description)
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(@a{sv})", description));
    else
        wgw_service_return_error(invocation, error);
}

static gboolean
on_describe_launch(WgwDbusProfile *object,
                   GDBusMethodInvocation *invocation,
                   const char *desktop_id,
                   gpointer user_data)
{
    WgwService *service = user_data;
    const char *profile = wgw_dbus_profile_get_name(object);
    g_autofree char *policy = wgw_choices_dup_bus(service, profile);

    wgw_preview_async(service->connection, profile, policy, desktop_id, on_described, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_set_autostart(WgwDbusProfile *object,
                 GDBusMethodInvocation *invocation,
                 gboolean on,
                 gpointer user_data)
{
    GError *error = NULL;

    if (wgw_autostart_set(wgw_dbus_profile_get_name(object), on, &error)) {
        wgw_dbus_profile_set_autostart(object, on);
        /* Before the answer. */
        g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(object));
        wgw_dbus_profile_complete_set_autostart(object, invocation);
    } else
        wgw_service_return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_get_log(WgwDbusProfile *object,
           GDBusMethodInvocation *invocation,
           guint64 after,
           gpointer user_data)
{
    WgwService *service = user_data;

    wgw_dbus_profile_complete_get_log(
        object, invocation,
        wgw_logs_to_variant(service->logs, wgw_dbus_profile_get_name(object), after));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* ---- Properties ---- */

static char **
dup_addresses(const WgwAddress *addresses, gsize n, char *(*to_string)(const WgwAddress *))
{
    char **strings = g_new0(char *, n + 1);

    for (gsize i = 0; i < n; i++)
        strings[i] = to_string(&addresses[i]);
    return strings;
}

static GVariant *
peer_to_variant(const WgwPeer *peer)
{
    const WgwEndpoint *endpoint = wgw_peer_get_endpoint(peer);
    char key[WGW_KEY_BASE64_LEN + 1];
    gsize n;
    const WgwAddress *ips = wgw_peer_get_allowed_ips(peer, &n);
    g_auto(GStrv) allowed = dup_addresses(ips, n, wgw_address_to_string);
    GVariantDict dict;

    wgw_key_to_base64(wgw_peer_get_public_key(peer), key);
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "public-key", "s", key);
    if (endpoint) {
        g_autofree char *text = g_strdup_printf(strchr(endpoint->host, ':') ? "[%s]:%u" : "%s:%u",
                                                endpoint->host, endpoint->port);

        g_variant_dict_insert(&dict, "endpoint", "s", text);
    }
    g_variant_dict_insert(&dict, "allowed-ips", "^as", allowed);
    g_variant_dict_insert(&dict, "persistent-keepalive", "u",
                          (guint)wgw_peer_get_persistent_keepalive(peer));
    g_variant_dict_insert(&dict, "has-preshared-key", "b", wgw_peer_has_preshared_key(peer));
    return g_variant_dict_end(&dict);
}

static GVariant *
peers_to_variant(const WgwConfig *config)
{
    GVariantBuilder builder;
    guint n = config ? wgw_config_get_n_peers(config) : 0;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
    for (guint i = 0; i < n; i++)
        g_variant_builder_add_value(&builder, peer_to_variant(wgw_config_get_peer(config, i)));
    return g_variant_builder_end(&builder);
}

static void
set_properties(WgwService *service, WgwDbusProfile *object, WgwProfile *profile)
{
    const WgwConfig *config = wgw_profile_get_config(profile);
    const char *name = wgw_profile_get_name(profile);
    const guint8 *key = config ? wgw_config_get_public_key(config) : NULL;
    char key_text[WGW_KEY_BASE64_LEN + 1] = "";
    gsize n_addresses = 0, n_dns = 0;
    const WgwAddress *addresses = config ? wgw_config_get_addresses(config, &n_addresses) : NULL;
    const WgwAddress *dns = config ? wgw_config_get_dns(config, &n_dns) : NULL;
    g_auto(GStrv) address_texts = dup_addresses(addresses, n_addresses, wgw_address_to_string);
    g_auto(GStrv) dns_texts = dup_addresses(dns, n_dns, wgw_address_to_ip);
    const char *const none[] = {NULL};
    g_autofree char *session =
        wgw_registry_lookup(service->registry, name) ? wgw_path_for_session(name) : g_strdup("/");

    if (key)
        wgw_key_to_base64(key, key_text);
    wgw_dbus_profile_set_name(object, name);
    wgw_dbus_profile_set_path(object, wgw_profile_get_path(profile));
    wgw_dbus_profile_set_valid(object, wgw_profile_is_valid(profile));
    wgw_dbus_profile_set_problems(object,
                                  wgw_problems_to_variant(wgw_profile_get_problems(profile)));
    wgw_dbus_profile_set_public_key(object, key_text);
    wgw_dbus_profile_set_addresses(object, (const char *const *)address_texts);
    wgw_dbus_profile_set_dns(object, (const char *const *)dns_texts);
    wgw_dbus_profile_set_search_domains(object,
                                        config ? wgw_config_get_search_domains(config) : none);
    wgw_dbus_profile_set_mtu(object, config ? wgw_config_get_mtu(config) : 0);
    wgw_dbus_profile_set_peers(object, peers_to_variant(config));
    wgw_dbus_profile_set_session(object, session);
    wgw_choices_publish(object);
    wgw_dbus_profile_set_autostart(object, wgw_autostart_get(name));
}

/* An object of that name that is there makes room. */
static void export(WgwService *service, const char *name, WgwDbusProfile *skeleton)
{
    static const struct {
        const char *signal;
        GCallback handler;
    } handlers[] = {
        {"handle-get-config", G_CALLBACK(on_get_config)},
        {"handle-update", G_CALLBACK(on_update)},
        {"handle-compare", G_CALLBACK(on_compare)},
        {"handle-rename", G_CALLBACK(on_rename)},
        {"handle-remove", G_CALLBACK(on_remove)},
        {"handle-open", G_CALLBACK(on_open)},
        {"handle-create-launcher", G_CALLBACK(on_create_launcher)},
        {"handle-remove-launcher", G_CALLBACK(on_remove_launcher)},
        {"handle-set-autostart", G_CALLBACK(on_set_autostart)},
        {"handle-describe-launch", G_CALLBACK(on_describe_launch)},
        {"handle-get-log", G_CALLBACK(on_get_log)},
        {"handle-set-local-ports", G_CALLBACK(wgw_choices_on_set_local_ports)},
        {"handle-set-bus", G_CALLBACK(wgw_choices_on_set_bus)},
        {"handle-set-tunnel-dns", G_CALLBACK(wgw_choices_on_set_tunnel_dns)},
        {"handle-set-address-page", G_CALLBACK(wgw_choices_on_set_address_page)},
    };
    g_autofree char *path = wgw_path_for_profile(name);
    g_autoptr(WgwDbusObjectSkeleton) object = wgw_dbus_object_skeleton_new(path);

    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++)
        g_signal_connect(skeleton, handlers[i].signal, handlers[i].handler, service);
    wgw_dbus_object_skeleton_set_profile(object, skeleton);
    g_dbus_object_manager_server_export(service->objects, G_DBUS_OBJECT_SKELETON(object));
}

void
wgw_profile_object_add(WgwService *service, WgwProfile *profile)
{
    g_autoptr(WgwDbusProfile) skeleton = wgw_dbus_profile_skeleton_new();

    set_properties(service, skeleton, profile);
    export(service, wgw_profile_get_name(profile), skeleton);
}

void
wgw_profile_object_outlive(WgwService *service, const char *name)
{
    g_autoptr(WgwDbusProfile) skeleton = wgw_dbus_profile_skeleton_new();
    g_autoptr(GPtrArray) problems = wgw_problems_new();
    g_autofree char *session = wgw_path_for_session(name);

    wgw_problems_add(
        problems, 1, 1, WGW_SEVERITY_ERROR, "gone",
        g_strdup(_("The profile's file is gone. Its tunnel goes on until it is closed.")));
    wgw_dbus_profile_set_name(skeleton, name);
    wgw_dbus_profile_set_problems(skeleton, wgw_problems_to_variant(problems));
    wgw_dbus_profile_set_peers(skeleton, peers_to_variant(NULL));
    wgw_dbus_profile_set_session(skeleton, session);
    export(service, name, skeleton);
}

/* (transfer full), or NULL. */
static WgwDbusProfile *
find_object(WgwService *service, const char *name)
{
    g_autofree char *path = wgw_path_for_profile(name);

    return (WgwDbusProfile *)g_dbus_object_manager_get_interface(
        G_DBUS_OBJECT_MANAGER(service->objects), path, WGW_PROFILE_INTERFACE);
}

void
wgw_profile_object_update(WgwService *service, WgwProfile *profile)
{
    g_autoptr(WgwDbusProfile) object = find_object(service, wgw_profile_get_name(profile));

    if (object) {
        set_properties(service, object, profile);
        /* Before the answer to whatever caused it. */
        g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(object));
    }
}

void
wgw_profile_object_logged(WgwLogs *logs,
                          const char *name,
                          guint64 time,
                          const char *severity,
                          const char *message,
                          WgwService *service)
{
    g_autoptr(WgwDbusProfile) object = find_object(service, name);

    if (object)
        wgw_dbus_profile_emit_logged(object, time, severity, message);
}

void
wgw_profile_object_remove(WgwService *service, const char *name)
{
    g_autofree char *path = wgw_path_for_profile(name);

    g_dbus_object_manager_server_unexport(service->objects, path);
}
