/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* What the user has chosen for a profile beside its file. The service tells it to each supervisor, a
 * successor too, before anything else. */

#include <glib/gi18n.h>
#include <string.h>

#include "dbus/error.h"
#include "supervisor/session-private.h"

static void
on_ports_changed(gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_dbus_supervisor1_set_local_ports(session->bus, wgw_ports_to_variant(session->ports));
    wgw_dbus_supervisor1_set_needs_relay(session->bus, wgw_ports_need_relay(session->ports));
}

static void
on_port_told(const char *problem, guint16 port, gpointer user_data)
{
    if (*problem)
        wgw_session_log(user_data, WGW_LOG_WARNING, "%s", problem);
    else
        wgw_session_log(user_data, WGW_LOG_INFO, _("Port %u can be used now."), port);
}

/* NULL with @error set for what is no address. */
static GArray *
parse(const char *const *servers, GError **error)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(WgwAddress));

    for (guint i = 0; servers[i]; i++) {
        WgwAddress address;

        if (strchr(servers[i], '/') || !wgw_address_parse(servers[i], &address)) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("“%s” is no IP address. Name resolvers by address, as 10.0.0.1."),
                        servers[i]);
            return NULL;
        }
        g_array_append_val(list, address);
    }
    return g_steal_pointer(&list);
}

static gboolean
set_dns(WgwSession *session, const char *const *servers, GError **error)
{
    g_autoptr(GArray) list = parse(servers, error);
    g_auto(WgwPlan) plan = {0};
    g_autofree char *text = g_strjoinv(", ", (char **)servers);
    struct ns_failure failure;
    gsize n_own;

    if (!list)
        return FALSE;
    if (list->len == session->fallback_dns->len &&
        (list->len == 0 ||
         memcmp(list->data, session->fallback_dns->data, list->len * sizeof(WgwAddress)) == 0))
        return TRUE;
    wgw_config_get_dns(session->parts.config, &n_own);
    wgw_plan_init(&plan, session->parts.config, session->parts.path_mtu, NULL, list);
    if (n_own == 0 && ns_box_set_dns(&session->parts.box, &plan.plan, &failure) < 0) {
        g_propagate_error(error, wgw_error_from_ns(&failure));
        return FALSE;
    }
    g_array_unref(session->fallback_dns);
    session->fallback_dns = g_steal_pointer(&list);
    if (n_own == 0 && *text)
        wgw_session_log(
            session, WGW_LOG_INFO,
            _("The profile has no DNS= line. Names are asked of %s, through the tunnel."), text);
    else if (n_own == 0)
        wgw_session_log(session, WGW_LOG_WARNING,
                        _("The profile has no DNS= line, so names do not resolve in the tunnel."));
    return TRUE;
}

void
wgw_session_init_choices(WgwSession *session)
{
    static const WgwPortsCallbacks callbacks = {on_ports_changed, on_port_told};

    session->ports = wgw_ports_new(&callbacks, session);
    session->fallback_dns = g_array_new(FALSE, FALSE, sizeof(WgwAddress));
    on_ports_changed(session);
}

gboolean
wgw_session_set_choices(WgwSession *session,
                        GVariant *forward,
                        GVariant *publish,
                        const char *const *dns,
                        GError **error)
{
    return wgw_session_check_open(session, error) &&
           wgw_ports_set(session->ports, forward, publish, error) && set_dns(session, dns, error);
}
