/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* What is told of the session's life: words for people, who read them with `wg-wrap logs`. Of keys only
 * the beginning of a public one is told, by which people know their peers. */

#include <glib/gi18n.h>
#include <string.h>

#include "profile/changes.h"
#include "supervisor/session-private.h"

/* Of a public key, in characters. */
#define SHORT_KEY 8

static char *
dup_short_key(const char *public_key)
{
    return g_strdup_printf("%.*s…", SHORT_KEY, public_key ? public_key : "");
}

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
    const WgwConfig *config = session->parts.config;
    g_autoptr(GPtrArray) parts = wgw_changes_new(NULL, config);
    guint mtu = wgw_config_get_mtu(config);
    g_autofree char *text = NULL;

    if (session->parts.taken_over) {
        wgw_session_log(session, WGW_LOG_INFO,
                        _("This supervisor has taken over from one that died. Programs and their "
                          "connections go on."));
        return;
    }
    if (mtu == 0)
        wgw_changes_add_mtu(parts, session->parts.path_mtu);
    text = wgw_changes_join(parts);
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
    const WgwConfig *from = session->parts.config;
    g_autoptr(GPtrArray) parts = wgw_changes_new(from, to);
    gboolean by_path = wgw_config_get_mtu(from) == 0 && wgw_config_get_mtu(to) == 0;
    g_autofree char *text = NULL;

    if (by_path && path_mtu != session->parts.path_mtu)
        wgw_changes_add_mtu(parts, path_mtu);
    /* A service that was started anew tells what we know. */
    if (parts->len == 0)
        return;
    text = wgw_changes_join(parts);
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
