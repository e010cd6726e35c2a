/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib-object.h>

#include "profile/address.h"
#include "profile/key.h"
#include "profile/problem.h"
#include "profile/secret.h"

/* A wg-quick configuration that was read and found to be without errors. Immutable, reference
 * counted, safe to share between threads. Its private and preshared keys are in guarded memory. */
typedef struct _WgwConfig WgwConfig;

/* One [Peer], lent by its WgwConfig. No two peers of a config have the same public key, and no two
 * the same allowed IP: a later one has taken it over, as it does in wg(8). */
typedef struct _WgwPeer WgwPeer;

typedef struct {
    char *host; /* an address without brackets, or a name */
    guint16 port;
    gboolean numeric; /* host is an address, in the notation of inet_ntop(3) (an IPv6 address
                       * may have a %scope) */
} WgwEndpoint;

/* The largest configuration that is read, in bytes. */
#define WGW_CONFIG_MAX_SIZE (1024 * 1024)

/* What stands for a key in a text that shall not show it. */
#define WGW_CONFIG_HIDDEN "(hidden)"

typedef enum {
    WGW_CONFIG_SECRETS = 0,
    WGW_CONFIG_NO_SECRETS = 1 << 0,   /* forget private and preshared keys once they are checked */
    WGW_CONFIG_ALLOW_HIDDEN = 1 << 1, /* "(hidden)" may stand for a private or preshared key: for
                                       * checking a text, implies WGW_CONFIG_NO_SECRETS */
} WgwConfigFlags;

#define WGW_TYPE_CONFIG (wgw_config_get_type())
GType wgw_config_get_type(void);

/**
 * wgw_config_parse:
 * @text: a wg-quick configuration
 * @len: its length in bytes; -1: up to the NUL
 * @ret_problems: (out) (optional) (transfer full) (element-type WgwProblem): all that is wrong with
 *   the text, warnings included, in the order of the text; set in any case
 *
 * Read a configuration. What `wg setconf` accepts after `wg-quick strip` is accepted, what it
 * rejects is rejected; what only wg-quick reads is checked as well.
 *
 * Returns: (transfer full): the configuration, or %NULL with WGW_ERROR_INVALID_PROFILE: the first
 *   error, as "line:column: message"
 */
WgwConfig *wgw_config_parse(
    const char *text, gssize len, WgwConfigFlags flags, GPtrArray **ret_problems, GError **error);

/* wgw_config_load - wgw_config_parse what the regular file or memfd fd holds, from its beginning.
 * fd stays open and the caller's. */
WgwConfig *wgw_config_load(int fd, WgwConfigFlags flags, GPtrArray **ret_problems, GError **error);

WgwConfig *wgw_config_ref(WgwConfig *config);
void wgw_config_unref(WgwConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwConfig, wgw_config_unref)

/* wgw_config_check_usable - whether a session can come of it: it has a private key, an address and
 * a peer. If not, WGW_ERROR_INVALID_PROFILE says what to add. */
gboolean wgw_config_check_usable(const WgwConfig *config, GError **error);

/* [Interface]. What the getters lend lives as long as the config. */

/* wgw_config_get_private_key - 32 bytes in guarded memory, or NULL: the file has none, or it was
 * read without secrets (which wgw_config_get_public_key tells apart). */
const guint8 *wgw_config_get_private_key(const WgwConfig *config);
/* wgw_config_get_public_key - derived from PrivateKey, or NULL if there is none. */
const guint8 *wgw_config_get_public_key(const WgwConfig *config);
/* wgw_config_get_listen_port - 0: any. */
guint16 wgw_config_get_listen_port(const WgwConfig *config);
/* wgw_config_get_fwmark - 0: none. Without root it cannot be set; a warning says so. */
guint32 wgw_config_get_fwmark(const WgwConfig *config);
/* wgw_config_get_mtu - bytes, 0: left to the path. */
guint wgw_config_get_mtu(const WgwConfig *config);
/* wgw_config_get_table - Table= as written, or NULL. In a session, allowed IPs always become routes
 * of the session's only table; a warning says so. */
const char *wgw_config_get_table(const WgwConfig *config);
const WgwAddress *wgw_config_get_addresses(const WgwConfig *config, gsize *ret_n);
/* wgw_config_get_dns - the resolvers, prefixes full. Empty: names do not resolve inside. */
const WgwAddress *wgw_config_get_dns(const WgwConfig *config, gsize *ret_n);
/* wgw_config_get_search_domains - NULL-terminated, never NULL. */
const char *const *wgw_config_get_search_domains(const WgwConfig *config);

/* [Peer] */

guint wgw_config_get_n_peers(const WgwConfig *config);
/* wgw_config_get_peer - in the order of the file; index below wgw_config_get_n_peers. */
const WgwPeer *wgw_config_get_peer(const WgwConfig *config, guint index);
/* wgw_config_find_peer - the peer with that public key, or NULL. */
const WgwPeer *wgw_config_find_peer(const WgwConfig *config, const guint8 public_key[WGW_KEY_LEN]);

const guint8 *wgw_peer_get_public_key(const WgwPeer *peer);
gboolean wgw_peer_has_preshared_key(const WgwPeer *peer);
/* wgw_peer_get_preshared_key - 32 bytes in guarded memory, or NULL: none, or read without. */
const guint8 *wgw_peer_get_preshared_key(const WgwPeer *peer);
/* wgw_peer_get_endpoint - or NULL: it comes to us. */
const WgwEndpoint *wgw_peer_get_endpoint(const WgwPeer *peer);
/* wgw_peer_get_allowed_ips - masked. */
const WgwAddress *wgw_peer_get_allowed_ips(const WgwPeer *peer, gsize *ret_n);
/* wgw_peer_get_persistent_keepalive - seconds, 0: off. */
guint16 wgw_peer_get_persistent_keepalive(const WgwPeer *peer);
