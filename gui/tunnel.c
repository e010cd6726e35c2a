/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/tunnel.h"

#include <glib/gi18n.h>

#include "gui/format.h"
#include "gui/peer.h"
#include "gui/program.h"

struct _WgwTunnel {
    GObject parent_instance;

    char *path;

    /* The profile. */
    char *name;
    gboolean valid;
    GVariant *problems; /* a(uusss) */
    char *public_key;
    char **addresses;
    char **dns;
    char **search_domains;
    guint mtu;
    GVariant *profile_peers; /* aa{sv} */

    /* Its session; session_state NULL: none runs. */
    char *session_state;
    char *reason;
    guint64 since;
    GVariant *session_peers; /* aa{sv} */
    guint64 rx_bytes;
    guint64 tx_bytes;
    gboolean held;

    WgwChoices *choices;
    GListStore *peers;    /* WgwPeer, in the profile's order */
    GListStore *programs; /* WgwProgram, in the session's order */

    WgwHistory history;
};

G_DEFINE_FINAL_TYPE(WgwTunnel, wgw_tunnel, G_TYPE_OBJECT)

enum {
    PROP_NAME = 1,
    PROP_VALID,
    PROP_PROBLEMS,
    PROP_PUBLIC_KEY,
    PROP_ADDRESSES,
    PROP_DNS,
    PROP_SEARCH_DOMAINS,
    PROP_MTU,
    PROP_PROFILE_PEERS,
    PROP_SESSION_STATE,
    PROP_REASON,
    PROP_SINCE,
    PROP_SESSION_PEERS,
    PROP_RX_BYTES,
    PROP_TX_BYTES,
    PROP_PROGRAMS_VALUE,
    PROP_HELD,
    PROP_STATE,
    PROP_STATE_LABEL,
    PROP_ICON_NAME,
    PROP_SUMMARY,
    PROP_ACTIVE,
    PROP_RX_RATE,
    PROP_TX_RATE,
    N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

enum { SAMPLED, N_SIGNALS };

static guint signals[N_SIGNALS];

static const struct {
    const char *name; /* the contract's */
    WgwTunnelState state;
} session_states[] = {
    {"starting", WGW_TUNNEL_STARTING},   {"connecting", WGW_TUNNEL_CONNECTING},
    {"connected", WGW_TUNNEL_CONNECTED}, {"stalled", WGW_TUNNEL_STALLED},
    {"closing", WGW_TUNNEL_CLOSING},     {"failed", WGW_TUNNEL_FAILED},
};

static const char *
get_state_label(WgwTunnelState state)
{
    switch (state) {
    case WGW_TUNNEL_INVALID:
        return _("Invalid");
    case WGW_TUNNEL_OFF:
        return _("Off");
    case WGW_TUNNEL_STARTING:
        return _("Starting");
    case WGW_TUNNEL_CONNECTING:
        return _("Connecting");
    case WGW_TUNNEL_CONNECTED:
        return _("Connected");
    case WGW_TUNNEL_STALLED:
        return _("No answer");
    case WGW_TUNNEL_CLOSING:
        return _("Closing");
    case WGW_TUNNEL_FAILED:
        return _("Failed");
    }
    g_return_val_if_reached("");
}

static const char *
get_icon_name(WgwTunnelState state)
{
    switch (state) {
    case WGW_TUNNEL_INVALID:
    case WGW_TUNNEL_FAILED:
        return "dialog-error-symbolic";
    case WGW_TUNNEL_OFF:
        return "network-vpn-disconnected-symbolic";
    case WGW_TUNNEL_STARTING:
    case WGW_TUNNEL_CONNECTING:
    case WGW_TUNNEL_CLOSING:
        return "network-vpn-acquiring-symbolic";
    case WGW_TUNNEL_CONNECTED:
        return "network-vpn-symbolic";
    case WGW_TUNNEL_STALLED:
        return "dialog-warning-symbolic";
    }
    g_return_val_if_reached(NULL);
}

/* The list's second line: the state in a word, and the rates where there is something to say. */
static char *
dup_summary(WgwTunnel *tunnel)
{
    WgwTunnelState state = wgw_tunnel_get_state(tunnel);
    WgwSample now = wgw_tunnel_get_sample(tunnel, 0);
    g_autofree char *rx = NULL;
    g_autofree char *tx = NULL;

    if (state != WGW_TUNNEL_CONNECTED || now.rx + now.tx < 1)
        return g_strdup(get_state_label(state));
    rx = wgw_format_rate(now.rx);
    tx = wgw_format_rate(now.tx);
    /* Translators: state, then the rates of receiving and sending, "Connected · ↓ 1.2 MB/s ↑ 3 kB/s" */
    return g_strdup_printf(_("%s · ↓ %s ↑ %s"), get_state_label(state), rx, tx);
}

static void
notify(WgwTunnel *tunnel, guint property)
{
    g_object_notify_by_pspec(G_OBJECT(tunnel), properties[property]);
}

static void
notify_state(WgwTunnel *tunnel)
{
    notify(tunnel, PROP_STATE);
    notify(tunnel, PROP_STATE_LABEL);
    notify(tunnel, PROP_ICON_NAME);
    notify(tunnel, PROP_SUMMARY);
    notify(tunnel, PROP_ACTIVE);
}

/* The session's half of a peer, by its key; (transfer full), NULL if it has none. */
static GVariant *
dup_session_peer(WgwTunnel *tunnel, const char *public_key)
{
    gsize n = tunnel->session_peers ? g_variant_n_children(tunnel->session_peers) : 0;

    for (gsize i = 0; i < n; i++) {
        g_autoptr(GVariant) peer = g_variant_get_child_value(tunnel->session_peers, i);
        const char *key;

        if (g_variant_lookup(peer, "public-key", "&s", &key) && g_strcmp0(key, public_key) == 0)
            return g_steal_pointer(&peer);
    }
    return NULL;
}

static WgwPeer *
dup_peer(WgwTunnel *tunnel, const char *public_key)
{
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(tunnel->peers)); i++) {
        g_autoptr(WgwPeer) peer = g_list_model_get_item(G_LIST_MODEL(tunnel->peers), i);

        if (g_strcmp0(wgw_peer_get_public_key(peer), public_key) == 0)
            return g_steal_pointer(&peer);
    }
    return NULL;
}

static void
update_profile_peers(WgwTunnel *tunnel)
{
    g_autoptr(GPtrArray) peers = g_ptr_array_new_with_free_func(g_object_unref); /* WgwPeer */
    gsize n = tunnel->profile_peers ? g_variant_n_children(tunnel->profile_peers) : 0;

    for (gsize i = 0; i < n; i++) {
        g_autoptr(GVariant) profile = g_variant_get_child_value(tunnel->profile_peers, i);
        const char *key = NULL;
        WgwPeer *peer;

        g_variant_lookup(profile, "public-key", "&s", &key);
        peer = dup_peer(tunnel, key);
        if (peer)
            wgw_peer_set_profile(peer, profile);
        else
            peer = wgw_peer_new(profile);
        g_ptr_array_add(peers, peer);
    }
    g_list_store_splice(tunnel->peers, 0, g_list_model_get_n_items(G_LIST_MODEL(tunnel->peers)),
                        peers->pdata, peers->len);
}

static void
update_session_peers(WgwTunnel *tunnel)
{
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(tunnel->peers)); i++) {
        g_autoptr(WgwPeer) peer = g_list_model_get_item(G_LIST_MODEL(tunnel->peers), i);
        g_autoptr(GVariant) session = dup_session_peer(tunnel, wgw_peer_get_public_key(peer));

        wgw_peer_set_session(peer, session);
    }
}

static gboolean
is_program(WgwProgram *program, guint pid, const char *name)
{
    return wgw_program_get_pid(program) == pid && g_str_equal(wgw_program_get_name(program), name);
}

static gboolean
has_program(GVariant *programs, WgwProgram *program)
{
    gsize n = g_variant_n_children(programs);

    for (gsize i = 0; i < n; i++) {
        const char *name;
        guint pid;

        g_variant_get_child(programs, i, "(u&s&s)", &pid, &name, NULL);
        if (is_program(program, pid, name))
            return TRUE;
    }
    return FALSE;
}

/* Rows of programs that go on keep their place and their object, so focus does not jump. One that joined
 * has another name once it is what it came for, and is another program then. */
static void
update_programs(WgwTunnel *tunnel, GVariant *programs)
{
    GListModel *model = G_LIST_MODEL(tunnel->programs);
    GVariantIter iter;
    const char *name, *desktop_id;
    guint pid;

    for (guint i = g_list_model_get_n_items(model); i > 0; i--) {
        g_autoptr(WgwProgram) program = g_list_model_get_item(model, i - 1);

        if (!has_program(programs, program))
            g_list_store_remove(tunnel->programs, i - 1);
    }
    g_variant_iter_init(&iter, programs);
    while (g_variant_iter_next(&iter, "(u&s&s)", &pid, &name, &desktop_id)) {
        gboolean known = FALSE;

        for (guint i = 0; !known && i < g_list_model_get_n_items(model); i++) {
            g_autoptr(WgwProgram) program = g_list_model_get_item(model, i);

            known = is_program(program, pid, name);
        }
        if (!known) {
            g_autoptr(WgwProgram) program = wgw_program_new(pid, name, desktop_id);

            g_list_store_append(tunnel->programs, program);
        }
    }
}

static void
wgw_tunnel_finalize(GObject *object)
{
    WgwTunnel *tunnel = WGW_TUNNEL(object);

    g_object_unref(tunnel->choices);
    g_free(tunnel->path);
    g_free(tunnel->name);
    g_clear_pointer(&tunnel->problems, g_variant_unref);
    g_free(tunnel->public_key);
    g_strfreev(tunnel->addresses);
    g_strfreev(tunnel->dns);
    g_strfreev(tunnel->search_domains);
    g_clear_pointer(&tunnel->profile_peers, g_variant_unref);
    g_free(tunnel->session_state);
    g_free(tunnel->reason);
    g_clear_pointer(&tunnel->session_peers, g_variant_unref);
    g_clear_object(&tunnel->peers);
    g_clear_object(&tunnel->programs);
    wgw_history_clear(&tunnel->history);
    G_OBJECT_CLASS(wgw_tunnel_parent_class)->finalize(object);
}

static void
wgw_tunnel_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    WgwTunnel *tunnel = WGW_TUNNEL(object);

    switch (id) {
    case PROP_NAME:
        g_value_set_string(value, tunnel->name);
        break;
    case PROP_VALID:
        g_value_set_boolean(value, tunnel->valid);
        break;
    case PROP_PROBLEMS:
        g_value_set_variant(value, tunnel->problems);
        break;
    case PROP_PUBLIC_KEY:
        g_value_set_string(value, tunnel->public_key);
        break;
    case PROP_ADDRESSES:
        g_value_set_boxed(value, tunnel->addresses);
        break;
    case PROP_DNS:
        g_value_set_boxed(value, tunnel->dns);
        break;
    case PROP_SEARCH_DOMAINS:
        g_value_set_boxed(value, tunnel->search_domains);
        break;
    case PROP_MTU:
        g_value_set_uint(value, tunnel->mtu);
        break;
    case PROP_REASON:
        g_value_set_string(value, wgw_tunnel_get_reason(tunnel));
        break;
    case PROP_SINCE:
        g_value_set_uint64(value, tunnel->since);
        break;
    case PROP_RX_BYTES:
        g_value_set_uint64(value, tunnel->rx_bytes);
        break;
    case PROP_TX_BYTES:
        g_value_set_uint64(value, tunnel->tx_bytes);
        break;
    case PROP_HELD:
        g_value_set_boolean(value, tunnel->held);
        break;
    case PROP_STATE:
        g_value_set_uint(value, wgw_tunnel_get_state(tunnel));
        break;
    case PROP_STATE_LABEL:
        g_value_set_string(value, get_state_label(wgw_tunnel_get_state(tunnel)));
        break;
    case PROP_ICON_NAME:
        g_value_set_string(value, get_icon_name(wgw_tunnel_get_state(tunnel)));
        break;
    case PROP_SUMMARY:
        g_value_take_string(value, dup_summary(tunnel));
        break;
    case PROP_ACTIVE:
        g_value_set_boolean(value, wgw_tunnel_get_active(tunnel));
        break;
    case PROP_RX_RATE:
        g_value_set_double(value, wgw_tunnel_get_sample(tunnel, 0).rx);
        break;
    case PROP_TX_RATE:
        g_value_set_double(value, wgw_tunnel_get_sample(tunnel, 0).tx);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
replace_string(char **field, const GValue *value)
{
    g_free(*field);
    *field = g_value_dup_string(value);
}

static void
replace_strv(char ***field, const GValue *value)
{
    g_strfreev(*field);
    *field = g_value_dup_boxed(value);
}

static void
replace_variant(GVariant **field, const GValue *value)
{
    g_clear_pointer(field, g_variant_unref);
    *field = g_value_dup_variant(value);
}

static void
wgw_tunnel_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    WgwTunnel *tunnel = WGW_TUNNEL(object);

    switch (id) {
    case PROP_NAME:
        replace_string(&tunnel->name, value);
        break;
    case PROP_VALID:
        tunnel->valid = g_value_get_boolean(value);
        notify_state(tunnel);
        break;
    case PROP_PROBLEMS:
        replace_variant(&tunnel->problems, value);
        notify(tunnel, PROP_REASON);
        break;
    case PROP_PUBLIC_KEY:
        replace_string(&tunnel->public_key, value);
        break;
    case PROP_ADDRESSES:
        replace_strv(&tunnel->addresses, value);
        break;
    case PROP_DNS:
        replace_strv(&tunnel->dns, value);
        break;
    case PROP_SEARCH_DOMAINS:
        replace_strv(&tunnel->search_domains, value);
        break;
    case PROP_MTU:
        tunnel->mtu = g_value_get_uint(value);
        break;
    case PROP_PROFILE_PEERS:
        replace_variant(&tunnel->profile_peers, value);
        update_profile_peers(tunnel);
        update_session_peers(tunnel);
        break;
    case PROP_SESSION_STATE:
        replace_string(&tunnel->session_state, value);
        notify_state(tunnel);
        break;
    case PROP_REASON:
        replace_string(&tunnel->reason, value);
        break;
    case PROP_SINCE:
        tunnel->since = g_value_get_uint64(value);
        break;
    case PROP_SESSION_PEERS:
        replace_variant(&tunnel->session_peers, value);
        update_session_peers(tunnel);
        break;
    case PROP_RX_BYTES:
        tunnel->rx_bytes = g_value_get_uint64(value);
        break;
    case PROP_TX_BYTES:
        tunnel->tx_bytes = g_value_get_uint64(value);
        break;
    case PROP_PROGRAMS_VALUE:
        if (g_value_get_variant(value))
            update_programs(tunnel, g_value_get_variant(value));
        break;
    case PROP_HELD:
        tunnel->held = g_value_get_boolean(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_tunnel_class_init(WgwTunnelClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
    const GParamFlags only_writable = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;
    const GVariantType *problems = G_VARIANT_TYPE("a(uusss)");
    const GVariantType *programs = G_VARIANT_TYPE("a(uss)");
    const GVariantType *peers = G_VARIANT_TYPE("aa{sv}");

    object_class->finalize = wgw_tunnel_finalize;
    object_class->get_property = wgw_tunnel_get_property;
    object_class->set_property = wgw_tunnel_set_property;

    properties[PROP_NAME] = g_param_spec_string("name", NULL, NULL, NULL, writable);
    properties[PROP_VALID] = g_param_spec_boolean("valid", NULL, NULL, FALSE, writable);
    properties[PROP_PROBLEMS] =
        g_param_spec_variant("problems", NULL, NULL, problems, NULL, writable);
    properties[PROP_PUBLIC_KEY] = g_param_spec_string("public-key", NULL, NULL, NULL, writable);
    properties[PROP_ADDRESSES] = g_param_spec_boxed("addresses", NULL, NULL, G_TYPE_STRV, writable);
    properties[PROP_DNS] = g_param_spec_boxed("dns", NULL, NULL, G_TYPE_STRV, writable);
    properties[PROP_SEARCH_DOMAINS] =
        g_param_spec_boxed("search-domains", NULL, NULL, G_TYPE_STRV, writable);
    properties[PROP_MTU] = g_param_spec_uint("mtu", NULL, NULL, 0, G_MAXUINT, 0, writable);
    properties[PROP_PROFILE_PEERS] =
        g_param_spec_variant("profile-peers", NULL, NULL, peers, NULL, only_writable);
    properties[PROP_SESSION_STATE] =
        g_param_spec_string("session-state", NULL, NULL, NULL, only_writable);
    properties[PROP_REASON] = g_param_spec_string("reason", NULL, NULL, NULL, writable);
    properties[PROP_SINCE] = g_param_spec_uint64("since", NULL, NULL, 0, G_MAXUINT64, 0, writable);
    properties[PROP_SESSION_PEERS] =
        g_param_spec_variant("session-peers", NULL, NULL, peers, NULL, only_writable);
    properties[PROP_RX_BYTES] =
        g_param_spec_uint64("rx-bytes", NULL, NULL, 0, G_MAXUINT64, 0, writable);
    properties[PROP_TX_BYTES] =
        g_param_spec_uint64("tx-bytes", NULL, NULL, 0, G_MAXUINT64, 0, writable);
    properties[PROP_PROGRAMS_VALUE] =
        g_param_spec_variant("programs-value", NULL, NULL, programs, NULL, only_writable);
    properties[PROP_HELD] = g_param_spec_boolean("held", NULL, NULL, FALSE, writable);
    properties[PROP_STATE] =
        g_param_spec_uint("state", NULL, NULL, 0, WGW_TUNNEL_FAILED, WGW_TUNNEL_OFF, readable);
    properties[PROP_STATE_LABEL] = g_param_spec_string("state-label", NULL, NULL, NULL, readable);
    properties[PROP_ICON_NAME] = g_param_spec_string("icon-name", NULL, NULL, NULL, readable);
    properties[PROP_SUMMARY] = g_param_spec_string("summary", NULL, NULL, NULL, readable);
    properties[PROP_ACTIVE] = g_param_spec_boolean("active", NULL, NULL, FALSE, readable);
    properties[PROP_RX_RATE] =
        g_param_spec_double("rx-rate", NULL, NULL, 0, G_MAXDOUBLE, 0, readable);
    properties[PROP_TX_RATE] =
        g_param_spec_double("tx-rate", NULL, NULL, 0, G_MAXDOUBLE, 0, readable);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);

    signals[SAMPLED] = g_signal_new("sampled", WGW_TYPE_TUNNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
}

static void
wgw_tunnel_init(WgwTunnel *tunnel)
{
    tunnel->choices = wgw_choices_new();
    tunnel->peers = g_list_store_new(WGW_TYPE_PEER);
    tunnel->programs = g_list_store_new(WGW_TYPE_PROGRAM);
}

WgwTunnel *
wgw_tunnel_new(const char *path)
{
    WgwTunnel *tunnel = g_object_new(WGW_TYPE_TUNNEL, NULL);

    tunnel->path = g_strdup(path);
    return tunnel;
}

const char *
wgw_tunnel_get_path(WgwTunnel *tunnel)
{
    return tunnel->path;
}

const char *
wgw_tunnel_get_name(WgwTunnel *tunnel)
{
    return tunnel->name;
}

WgwTunnelState
wgw_tunnel_get_state(WgwTunnel *tunnel)
{
    for (gsize i = 0; tunnel->session_state && i < G_N_ELEMENTS(session_states); i++)
        if (g_str_equal(tunnel->session_state, session_states[i].name))
            return session_states[i].state;
    return tunnel->valid ? WGW_TUNNEL_OFF : WGW_TUNNEL_INVALID;
}

gboolean
wgw_tunnel_get_active(WgwTunnel *tunnel)
{
    return tunnel->session_state != NULL;
}

const char *
wgw_tunnel_get_reason(WgwTunnel *tunnel)
{
    const char *severity, *message;
    GVariantIter iter;

    if (tunnel->reason && *tunnel->reason)
        return tunnel->reason;
    if (tunnel->valid || !tunnel->problems)
        return "";
    /* A warning may come before it, and of it. */
    g_variant_iter_init(&iter, tunnel->problems);
    while (g_variant_iter_next(&iter, "(uu&s&s&s)", NULL, NULL, &severity, NULL, &message))
        if (g_str_equal(severity, "error"))
            return message;
    return "";
}

GListModel *
wgw_tunnel_get_peers(WgwTunnel *tunnel)
{
    return G_LIST_MODEL(tunnel->peers);
}

GListModel *
wgw_tunnel_get_programs(WgwTunnel *tunnel)
{
    return G_LIST_MODEL(tunnel->programs);
}

WgwChoices *
wgw_tunnel_get_choices(WgwTunnel *tunnel)
{
    return tunnel->choices;
}

void
wgw_tunnel_clear_session(WgwTunnel *tunnel)
{
    g_object_freeze_notify(G_OBJECT(tunnel));
    g_object_set(tunnel, "session-state", NULL, "reason", NULL, "since", (guint64)0,
                 "session-peers", NULL, "rx-bytes", (guint64)0, "tx-bytes", (guint64)0, "held",
                 FALSE, NULL);
    g_object_set(tunnel->choices, "local-ports", NULL, NULL);
    g_list_store_remove_all(tunnel->programs);
    wgw_history_clear(&tunnel->history);
    g_object_thaw_notify(G_OBJECT(tunnel));
}

void
wgw_tunnel_sample(WgwTunnel *tunnel, gint64 now)
{
    wgw_history_add(&tunnel->history, now, tunnel->rx_bytes, tunnel->tx_bytes);
    notify(tunnel, PROP_RX_RATE);
    notify(tunnel, PROP_TX_RATE);
    notify(tunnel, PROP_SUMMARY);
    g_signal_emit(tunnel, signals[SAMPLED], 0);
}

WgwSample
wgw_tunnel_get_sample(WgwTunnel *tunnel, guint age)
{
    return wgw_history_get(&tunnel->history, age);
}
