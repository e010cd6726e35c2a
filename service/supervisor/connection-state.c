/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/connection-state.h"

#include <glib/gi18n.h>

#include "supervisor/uapi-client.h"

/* As the profile writes it, for that is the name that people know; else as the engine found it. */
static char *
dup_endpoint(const WgwConfig *config, const WgwPeerStatus *status)
{
    gsize length;
    g_autofree guint8 *key =
        status->public_key ? g_base64_decode(status->public_key, &length) : NULL;
    const WgwPeer *peer = key && length == WGW_KEY_LEN ? wgw_config_find_peer(config, key) : NULL;
    const WgwEndpoint *endpoint = peer ? wgw_peer_get_endpoint(peer) : NULL;

    if (endpoint)
        return g_strdup_printf(strchr(endpoint->host, ':') ? "[%s]:%u" : "%s:%u", endpoint->host,
                               endpoint->port);
    if (*status->endpoint)
        return g_strdup(status->endpoint);
    return g_strdup(_("A peer"));
}

static char *
dup_reason(const WgwConfig *config, const WgwPeerStatus *status)
{
    g_autofree char *endpoint = dup_endpoint(config, status);
    g_autoptr(GDateTime) since = g_date_time_new_from_unix_local((gint64)status->waiting_since);
    g_autofree char *clock = g_date_time_format(since, "%H:%M:%S");

    /* Translators: "vpn.example.com:51820 has not answered since 14:03:12…" */
    return g_strdup_printf(
        _("%s has not answered since %s. Check the network, and the keys and the "
          "endpoint in the profile."),
        endpoint, clock);
}

WgwConnectionState
wgw_connection_state(const WgwConfig *config, GPtrArray *peers, const char *hint, guint64 now)
{
    WgwConnectionState result = {.state = "connecting"};
    const WgwPeerStatus *longest = NULL; /* the peer that keeps us waiting longest */
    gboolean connected = FALSE;          /* there was a handshake */
    gboolean answered = FALSE;           /* and that peer does not keep us waiting for long */

    for (guint i = 0; i < peers->len; i++) {
        const WgwPeerStatus *status = g_ptr_array_index(peers, i);
        gboolean silent = status->waiting_since > 0 && now >= status->waiting_since + WGW_PATIENCE;

        connected |= status->last_handshake > 0;
        answered |= status->last_handshake > 0 && !silent;
        if (status->waiting_since > 0 &&
            (!longest || status->waiting_since < longest->waiting_since))
            longest = status;
        if (status->waiting_since > 0 && !silent) {
            guint64 then = status->waiting_since + WGW_PATIENCE;

            result.changes_at = result.changes_at > 0 ? MIN(result.changes_at, then) : then;
        }
    }
    if (connected)
        result.state = "connected";
    /* One of several who is silent does not stall the tunnel, but is worth a word. */
    if (longest && now >= longest->waiting_since + WGW_PATIENCE) {
        if (!answered)
            result.state = "stalled";
        result.reason = *hint && !answered ? g_strdup(hint) : dup_reason(config, longest);
    } else
        result.reason = g_strdup(connected ? "" : hint);
    return result;
}
