/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* What is told of the session's life: words for people, who read them with `wg-wrap logs`. Of keys only
 * the beginning of a public one is told, by which people know their peers. */

#include <glib/gi18n.h>
#include <string.h>

#include "profile/uapi.h"
#include "supervisor/session-private.h"

/* Of a public key, in characters. */
#define SHORT_KEY 8

static char *
dup_short_key(const char *public_key)
{
    return g_strdup_printf("%.*s…", SHORT_KEY, public_key ? public_key : "");
}

static char *
dup_short_key_of(const WgwPeer *peer)
{
    char key[WGW_KEY_BASE64_LEN + 1];

    wgw_key_to_base64(wgw_peer_get_public_key(peer), key);
    return dup_short_key(key);
}

static G_GNUC_PRINTF(2, 3) void add_part(GPtrArray *parts, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(parts, g_strdup_vprintf(format, args));
    va_end(args);
}

/* The parts in a row, no more to be added to. (transfer full) */
static char *
join(GPtrArray *parts)
{
    g_ptr_array_add(parts, NULL);
    return g_strjoinv(", ", (char **)parts->pdata);
}

/* ---- Configurations ---- */

static gboolean
same_addresses(const WgwAddress *a, gsize n_a, const WgwAddress *b, gsize n_b)
{
    return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * sizeof *a) == 0);
}

static char *
dup_addresses(const WgwAddress *addresses, gsize n, char *(*to_string)(const WgwAddress *))
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(parts, to_string(&addresses[i]));
    return join(parts);
}

/* What the interface has, or, where it had others, what is another. */
static void
add_interface(GPtrArray *parts, const WgwConfig *from, const WgwConfig *to)
{
    gsize n_before = 0, n;
    const WgwAddress *before = from ? wgw_config_get_addresses(from, &n_before) : NULL;
    const WgwAddress *after = wgw_config_get_addresses(to, &n);

    if (!same_addresses(before, n_before, after, n)) {
        g_autofree char *text = dup_addresses(after, n, wgw_address_to_string);

        add_part(parts, _("addresses %s"), text);
    }
    n_before = 0;
    before = from ? wgw_config_get_dns(from, &n_before) : NULL;
    after = wgw_config_get_dns(to, &n);
    if (n == 0 && (!from || n_before > 0))
        add_part(parts, _("no DNS"));
    else if (!same_addresses(before, n_before, after, n)) {
        g_autofree char *text = dup_addresses(after, n, wgw_address_to_ip);

        add_part(parts, _("DNS %s"), text);
    }
}

static void
add_peers(GPtrArray *parts, const WgwConfig *from, const WgwConfig *to)
{
    for (guint i = 0; i < wgw_config_get_n_peers(from); i++) {
        const WgwPeer *peer = wgw_config_get_peer(from, i);
        g_autofree char *key = dup_short_key_of(peer);

        if (!wgw_config_find_peer(to, wgw_peer_get_public_key(peer)))
            add_part(parts, _("peer %s removed"), key);
    }
    for (guint i = 0; i < wgw_config_get_n_peers(to); i++) {
        const WgwPeer *peer = wgw_config_get_peer(to, i);
        const WgwPeer *before = wgw_config_find_peer(from, wgw_peer_get_public_key(peer));
        g_autofree char *key = dup_short_key_of(peer);

        if (!before)
            add_part(parts, _("peer %s added"), key);
        else if (!wgw_uapi_is_same_peer(before, peer))
            add_part(parts, _("peer %s changed"), key);
    }
}

/* ---- Public ---- */

void
wgw_session_log(WgwSession *session, WgwLogSeverity severity, const char *format, ...)
{
    g_autofree char *message = NULL;
    const char *word, *text;
    guint64 time;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    g_variant_get(wgw_log_add(session->log, severity, message), "(t&s&s)", &time, &word, &text);
    wgw_dbus_supervisor1_emit_logged(session->bus, time, word, text);
}

void
wgw_session_log_start(WgwSession *session)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    const WgwConfig *config = session->parts.config;
    guint mtu = wgw_config_get_mtu(config);
    g_autofree char *text = NULL;

    if (session->parts.taken_over) {
        wgw_session_log(session, WGW_LOG_INFO,
                        _("This supervisor has taken over from one that died. Programs and their "
                          "connections go on."));
        return;
    }
    add_interface(parts, NULL, config);
    add_part(parts, _("MTU %u"), mtu > 0 ? mtu : session->parts.path_mtu);
    text = join(parts);
    wgw_session_log(session, WGW_LOG_INFO, _("The tunnel is built: %s."), text);
}

void
wgw_session_log_state(WgwSession *session, const char *state, const char *reason)
{
    static const struct {
        const char *state;
        const char *words;
    } states[] = {
        {"connecting", N_("Connecting.")},
        {"connected", N_("Connected.")},
        {"stalled", N_("Stalled.")},
    };
    const char *former = wgw_dbus_supervisor1_get_state(session->bus);
    const char *former_reason = wgw_dbus_supervisor1_get_reason(session->bus);
    gboolean is_other = g_strcmp0(former, state) != 0;
    const char *words = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (is_other && g_str_equal(states[i].state, state))
            words = _(states[i].words);
    if (!is_other && g_strcmp0(former_reason, reason) == 0)
        return;
    if (*reason)
        wgw_session_log(session, WGW_LOG_WARNING, words ? "%s %s" : "%s%s", words ? words : "",
                        reason);
    else if (words)
        wgw_session_log(session, WGW_LOG_INFO, "%s", words);
}

void
wgw_session_log_handshakes(WgwSession *session, GPtrArray *peers)
{
    for (guint i = 0; i < peers->len; i++) {
        const WgwPeerStatus *status = g_ptr_array_index(peers, i);
        g_autofree char *key = dup_short_key(status->public_key);
        gboolean known = FALSE;

        for (guint j = 0; j < session->peers->len; j++) {
            const WgwPeerStatus *former = g_ptr_array_index(session->peers, j);

            known |= former->last_handshake > 0 &&
                     g_strcmp0(former->public_key, status->public_key) == 0;
        }
        if (status->last_handshake > 0 && !known)
            wgw_session_log(session, WGW_LOG_INFO, _("Handshake with the peer %s at %s."), key,
                            status->endpoint);
    }
}

void
wgw_session_log_resolved(WgwSession *session, const char *public_key, const char *address)
{
    g_autofree char *key = dup_short_key(public_key);

    wgw_session_log(session, WGW_LOG_INFO, _("The name of the peer %s has resolved to %s."), key,
                    address);
}

void
wgw_session_log_moved(WgwSession *session, const char *public_key, const char *endpoint)
{
    g_autofree char *key = dup_short_key(public_key);

    wgw_session_log(session, WGW_LOG_INFO, _("The peer %s has moved to %s."), key, endpoint);
}

void
wgw_session_log_update(WgwSession *session, const WgwConfig *to, guint path_mtu)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    const WgwConfig *from = session->parts.config;
    guint mtu = wgw_config_get_mtu(to) > 0 ? wgw_config_get_mtu(to) : path_mtu;
    guint former = wgw_config_get_mtu(from);
    g_autofree char *text = NULL;

    add_interface(parts, from, to);
    if (mtu != (former > 0 ? former : session->parts.path_mtu))
        add_part(parts, _("MTU %u"), mtu);
    if (!g_strv_equal(wgw_config_get_search_domains(from), wgw_config_get_search_domains(to)))
        add_part(parts, _("search domains"));
    if (memcmp(wgw_config_get_public_key(from), wgw_config_get_public_key(to), WGW_KEY_LEN) != 0)
        add_part(parts, _("another private key"));
    add_peers(parts, from, to);
    /* A service that was started anew tells what we know. */
    if (parts->len == 0)
        return;
    text = join(parts);
    wgw_session_log(session, WGW_LOG_INFO, _("Changed over to the edited profile: %s."), text);
}

/* One that came in by wg-wrap and has ended before its own name was seen. */
static const char *
get_name(const char *name)
{
    return g_str_has_prefix(name, "wg-wrap") ? _("A program") : name;
}

void
wgw_session_log_program(WgwSession *session, pid_t pid, const char *name, WgwProgramOrigin origin)
{
    name = get_name(name);
    switch (origin) {
    case WGW_PROGRAM_LAUNCHED:
        wgw_session_log(session, WGW_LOG_INFO, _("%s was launched (process %d)."), name, pid);
        break;
    case WGW_PROGRAM_JOINED:
        wgw_session_log(session, WGW_LOG_INFO, _("%s joined (process %d)."), name, pid);
        break;
    case WGW_PROGRAM_FOUND:
        wgw_session_log(session, WGW_LOG_INFO, _("%s is in the tunnel, too (process %d)."), name,
                        pid);
        break;
    }
}

void
wgw_session_log_exit(
    WgwSession *session, pid_t pid, const char *name, int status, const char *message)
{
    if (*message)
        wgw_session_log(session, WGW_LOG_WARNING, _("Process %d: %s"), pid, message);
    else if (status == 0)
        wgw_session_log(session, WGW_LOG_INFO, _("%s ended with status 0 (process %d)."), name,
                        pid);
    else
        wgw_session_log(session, WGW_LOG_INFO, _("%s has ended (process %d)."), get_name(name),
                        pid);
}
