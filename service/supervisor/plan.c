/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/plan.h"

#include <glib/gi18n.h>
#include <string.h>

#include "dbus/error.h"

static gsize
fill(struct ns_prefix *prefixes, const WgwAddress *addresses, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        prefixes[i].family = addresses[i].family;
        prefixes[i].bits = addresses[i].prefix;
        memcpy(prefixes[i].address, addresses[i].bytes, sizeof prefixes[i].address);
    }
    return n;
}

void
wgw_plan_init(WgwPlan *plan,
              const WgwConfig *config,
              guint path_mtu,
              const char *hidden,
              const GArray *fallback_dns)
{
    gsize n_addresses, n_dns, n_routes = 0;
    const WgwAddress *addresses = wgw_config_get_addresses(config, &n_addresses);
    const WgwAddress *dns = wgw_config_get_dns(config, &n_dns);
    guint n_peers = wgw_config_get_n_peers(config);
    struct ns_prefix *next;

    if (n_dns == 0 && fallback_dns) {
        dns = (const WgwAddress *)fallback_dns->data;
        n_dns = fallback_dns->len;
    }
    for (guint i = 0; i < n_peers; i++) {
        gsize n;

        wgw_peer_get_allowed_ips(wgw_config_get_peer(config, i), &n);
        n_routes += n;
    }
    *plan = (WgwPlan){.prefixes = g_new0(struct ns_prefix, n_addresses + n_dns + n_routes)};
    plan->plan.mtu = wgw_config_get_mtu(config) > 0 ? wgw_config_get_mtu(config) : path_mtu;
    plan->plan.search = wgw_config_get_search_domains(config);
    plan->plan.hidden = hidden;

    next = plan->prefixes;
    plan->plan.addresses = next;
    plan->plan.n_addresses = fill(next, addresses, n_addresses);
    next += n_addresses;
    plan->plan.dns = next;
    plan->plan.n_dns = fill(next, dns, n_dns);
    next += n_dns;
    plan->plan.routes = next;
    plan->plan.n_routes = n_routes;
    for (guint i = 0; i < n_peers; i++) {
        gsize n;
        const WgwAddress *ips = wgw_peer_get_allowed_ips(wgw_config_get_peer(config, i), &n);

        next += fill(next, ips, n);
    }
}

void
wgw_plan_clear(WgwPlan *plan)
{
    g_clear_pointer(&plan->prefixes, g_free);
}

GError *
wgw_error_from_ns(const struct ns_failure *failure)
{
    WgwError code = WGW_ERROR_FAILED;

    switch (failure->kind) {
    case NS_FAILURE_OTHER:
        break;
    case NS_FAILURE_NAMESPACES:
        code = WGW_ERROR_NAMESPACES_UNAVAILABLE;
        break;
    case NS_FAILURE_TUN:
        code = WGW_ERROR_NO_TUN_DEVICE;
        break;
    case NS_FAILURE_LIMIT:
        code = WGW_ERROR_LIMIT_REACHED;
        break;
    }
    /* Translators: stage, what was tried, the system's error, advice */
    return g_error_new(WGW_ERROR, code, _("The session cannot be built (%s: %s: %s). %s"),
                       failure->stage, failure->detail, g_strerror(failure->error),
                       _(failure->advice));
}
