/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/resolver.h"

#include <glib/gi18n.h>

#include "session/sockets.h"

/* Between attempts, in seconds: doubling from the first to the last. */
#define FIRST_PAUSE 1
#define LAST_PAUSE  60

/* Several changes of the network in a row are one. */
#define SETTLE_MS 500

struct name {
    WgwResolver *owner;
    char *public_key; /* base64 */
    char *host;
    guint16 port;
    char *address;   /* what it resolved to last, or NULL */
    gboolean failed; /* and it does not now */
    guint pause;     /* seconds */
    guint timer;
    GCancellable *cancellable; /* while a question is out */
};

struct _WgwResolver {
    WgwMirror *mirror;
    GPtrArray *names; /* struct name */
    gulong network_handler;
    gulong state_handler;
    guint settle_timer;
};

static void ask(struct name *name);

static void
name_free(gpointer data)
{
    struct name *name = data;

    g_clear_handle_id(&name->timer, g_source_remove);
    if (name->cancellable)
        g_cancellable_cancel(name->cancellable);
    g_clear_object(&name->cancellable);
    g_free(name->public_key);
    g_free(name->host);
    g_free(name->address);
    g_free(name);
}

static gboolean
on_pause_over(gpointer user_data)
{
    struct name *name = user_data;

    name->timer = 0;
    ask(name);
    return G_SOURCE_REMOVE;
}

static void
ask_later(struct name *name)
{
    g_clear_handle_id(&name->timer, g_source_remove);
    name->pause = CLAMP(2 * name->pause, FIRST_PAUSE, LAST_PAUSE);
    name->timer = g_timeout_add_seconds(name->pause, on_pause_over, name);
}

/* The first that can be reached from here, in the order of getaddrinfo (RFC 6724); else the first. */
static char *
choose(GList *addresses, guint16 port)
{
    g_autofree char *first = g_inet_address_to_string(addresses->data);

    for (GList *address = addresses; address; address = address->next) {
        g_autofree char *text = g_inet_address_to_string(address->data);

        if (wgw_sockets_has_route(text, port))
            return g_steal_pointer(&text);
    }
    return g_steal_pointer(&first);
}

/* Tell of the first name without an address, if there is one. */
static void
tell_unresolved(WgwResolver *resolver)
{
    g_autofree char *reason = NULL;

    for (guint i = 0; i < resolver->names->len && !reason; i++) {
        const struct name *name = g_ptr_array_index(resolver->names, i);

        if (name->failed && !name->address)
            reason = g_strdup_printf(_("The name %s does not resolve. Check the network and the "
                                       "endpoint in the profile."),
                                     name->host);
    }
    wgw_mirror_set_unresolved(resolver->mirror, reason ? reason : "");
}

static gboolean
is_stalled(WgwResolver *resolver)
{
    const char *state = wgw_dbus_supervisor1_get_state(wgw_mirror_get_proxy(resolver->mirror));

    return g_strcmp0(state, "stalled") == 0;
}

static void
on_resolved(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    GList *addresses = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &error);
    struct name *name = user_data;
    g_autofree char *address = NULL;

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* the name is gone */
    g_clear_object(&name->cancellable);
    name->failed = addresses == NULL;
    tell_unresolved(name->owner);
    if (!addresses) {
        ask_later(name);
        return;
    }
    address = choose(addresses, name->port);
    g_resolver_free_addresses(addresses);
    if (g_strcmp0(address, name->address) != 0) {
        wgw_dbus_supervisor1_call_set_endpoint(wgw_mirror_get_proxy(name->owner->mirror),
                                               name->public_key, address, name->port, NULL, NULL,
                                               NULL);
        g_free(name->address);
        name->address = g_steal_pointer(&address);
    }
    if (is_stalled(name->owner))
        ask_later(name);
    else
        name->pause = 0;
}

static void
ask(struct name *name)
{
    g_autoptr(GResolver) resolver = g_resolver_get_default();

    g_clear_handle_id(&name->timer, g_source_remove);
    if (name->cancellable)
        return;
    name->cancellable = g_cancellable_new();
    g_resolver_lookup_by_name_async(resolver, name->host, name->cancellable, on_resolved, name);
}

static void
ask_all(WgwResolver *resolver)
{
    for (guint i = 0; i < resolver->names->len; i++) {
        struct name *name = g_ptr_array_index(resolver->names, i);

        name->pause = 0;
        ask(name);
    }
}

static gboolean
on_settled(gpointer user_data)
{
    WgwResolver *resolver = user_data;

    resolver->settle_timer = 0;
    wgw_dbus_supervisor1_call_log(wgw_mirror_get_proxy(resolver->mirror), FALSE,
                                  _("The network has changed: looking for the peers anew."), NULL,
                                  NULL, NULL);
    wgw_resolver_refresh(resolver);
    return G_SOURCE_REMOVE;
}

static void
on_network_changed(GNetworkMonitor *monitor, gboolean available, WgwResolver *resolver)
{
    g_clear_handle_id(&resolver->settle_timer, g_source_remove);
    if (available)
        resolver->settle_timer = g_timeout_add(SETTLE_MS, on_settled, resolver);
}

static void
on_state(WgwDbusSupervisor1 *proxy, GParamSpec *pspec, WgwResolver *resolver)
{
    if (is_stalled(resolver))
        ask_all(resolver);
}

WgwResolver *
wgw_resolver_new(WgwMirror *mirror, const WgwConfig *config)
{
    WgwResolver *resolver = g_new0(WgwResolver, 1);

    resolver->mirror = mirror;
    resolver->names = g_ptr_array_new_with_free_func(name_free);
    resolver->network_handler = g_signal_connect(g_network_monitor_get_default(), "network-changed",
                                                 G_CALLBACK(on_network_changed), resolver);
    resolver->state_handler = g_signal_connect(wgw_mirror_get_proxy(mirror), "notify::state",
                                               G_CALLBACK(on_state), resolver);
    if (config)
        wgw_resolver_set_config(resolver, config);
    return resolver;
}

void
wgw_resolver_free(WgwResolver *resolver)
{
    g_clear_signal_handler(&resolver->network_handler, g_network_monitor_get_default());
    g_clear_signal_handler(&resolver->state_handler, wgw_mirror_get_proxy(resolver->mirror));
    g_clear_handle_id(&resolver->settle_timer, g_source_remove);
    g_ptr_array_unref(resolver->names);
    g_free(resolver);
}

void
wgw_resolver_set_config(WgwResolver *resolver, const WgwConfig *config)
{
    guint n = wgw_config_get_n_peers(config);

    g_ptr_array_set_size(resolver->names, 0);
    for (guint i = 0; i < n; i++) {
        const WgwPeer *peer = wgw_config_get_peer(config, i);
        const WgwEndpoint *endpoint = wgw_peer_get_endpoint(peer);
        struct name *name;

        if (!endpoint || endpoint->numeric)
            continue;
        name = g_new0(struct name, 1);
        name->owner = resolver;
        name->public_key = g_base64_encode(wgw_peer_get_public_key(peer), WGW_KEY_LEN);
        name->host = g_strdup(endpoint->host);
        name->port = endpoint->port;
        g_ptr_array_add(resolver->names, name);
    }
    tell_unresolved(resolver);
    ask_all(resolver);
}

void
wgw_resolver_refresh(WgwResolver *resolver)
{
    ask_all(resolver);
    wgw_dbus_supervisor1_call_reconnect(wgw_mirror_get_proxy(resolver->mirror), NULL, NULL, NULL);
}
