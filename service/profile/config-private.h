/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/config.h"

/* What the parser fills and the configuration lends. */

struct _WgwPeer {
    guint8 public_key[WGW_KEY_LEN];
    const guint8 *preshared_key; /* in the config's secrets, or NULL */
    gboolean has_preshared_key;
    guint16 keepalive;
    WgwEndpoint endpoint; /* host is ours, NULL: none */
    GArray *allowed_ips;  /* of WgwAddress */
};

struct _WgwConfig {
    WgwSecret *secrets;        /* WGW_KEY_LEN bytes for each key, or NULL */
    const guint8 *private_key; /* in secrets, or NULL */
    guint8 public_key[WGW_KEY_LEN];
    gboolean has_private_key;
    guint16 listen_port;
    guint32 fwmark;
    guint mtu;
    char *table;
    GArray *addresses;         /* of WgwAddress */
    GArray *dns;               /* of WgwAddress */
    GPtrArray *search_domains; /* of char *, NULL-terminated once it is complete */
    GArray *peers;             /* of WgwPeer */
    GHashTable *by_public_key; /* WgwPeer.public_key -> WgwPeer, both in peers */
};

/* wgw_config_new - empty, to be filled by the parser. */
WgwConfig *wgw_config_new(void);
