/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sodium.h>
#include <string.h>
#include <sys/param.h>

#include "engine/uapi.h"

/* ---- Values ---- */

static int
read_number(const char *text, uint32_t max, uint32_t *ret_number)
{
    uint64_t number = 0;

    if (*text == '\0')
        return -EINVAL;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -EINVAL;
        number = number * 10 + (uint64_t)(*text - '0');
        if (number > max)
            return -EINVAL;
    }
    *ret_number = number;
    return 0;
}

static int
read_key(const char *text, uint8_t ret_key[WG_KEY_LEN])
{
    size_t len;

    if (strlen(text) != 2 * WG_KEY_LEN ||
        sodium_hex2bin(ret_key, WG_KEY_LEN, text, 2 * WG_KEY_LEN, NULL, &len, NULL) < 0 ||
        len != WG_KEY_LEN)
        return -EINVAL;
    return 0;
}

static int
read_true(const char *text)
{
    return strcmp(text, "true") == 0 ? 0 : -EINVAL;
}

/* An interface, by number or by name. */
static int
read_scope(const struct uapi_host *host, const char *text, uint32_t *ret_scope)
{
    uint32_t scope;

    if (read_number(text, INT32_MAX, &scope) < 0)
        scope = host->get_interface(host->context, text);
    if (scope == 0)
        return -EINVAL;
    *ret_scope = scope;
    return 0;
}

/* 192.0.2.1:51820, [2001:db8::1]:51820 or [fe80::1%2]:51820. */
static int
read_endpoint(const struct uapi_host *host, const char *text, struct wg_endpoint *ret_endpoint)
{
    struct wg_endpoint endpoint = {0};
    char address[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE], *scope;
    const char *colon = strrchr(text, ':');
    bool is_6 = *text == '[';
    uint32_t port;
    size_t len;
    int r;

    if (!colon || read_number(colon + 1, UINT16_MAX, &port) < 0)
        return -EINVAL;
    len = (size_t)(colon - text);
    if (is_6) {
        if (len < 2 || text[len - 1] != ']')
            return -EINVAL;
        text++;
        len -= 2;
    }
    if (len >= sizeof address)
        return -EINVAL;
    memcpy(address, text, len);
    address[len] = '\0';
    if (!is_6) {
        endpoint.in4.sin_family = AF_INET;
        endpoint.in4.sin_port = htons(port);
        if (inet_pton(AF_INET, address, &endpoint.in4.sin_addr) != 1)
            return -EINVAL;
        *ret_endpoint = endpoint;
        return 0;
    }
    scope = strchr(address, '%');
    if (scope) {
        *scope++ = '\0';
        r = read_scope(host, scope, &endpoint.in6.sin6_scope_id);
        if (r < 0)
            return r;
    }
    endpoint.in6.sin6_family = AF_INET6;
    endpoint.in6.sin6_port = htons(port);
    if (inet_pton(AF_INET6, address, &endpoint.in6.sin6_addr) != 1)
        return -EINVAL;
    *ret_endpoint = endpoint;
    return 0;
}

/* 192.0.2.0/24 or 2001:db8::/32; without a slash, all bits. */
static int
read_allowed_ip(const char *text, struct wg_allowed_ip *ret_allowed_ip)
{
    struct wg_allowed_ip allowed_ip = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};
    const char *slash = strchr(text, '/');
    char address[INET6_ADDRSTRLEN + 1];
    uint32_t prefix = allowed_ip.family == AF_INET ? 32 : 128;
    size_t len = slash ? (size_t)(slash - text) : strlen(text);

    if (len >= sizeof address || (slash && read_number(slash + 1, prefix, &prefix) < 0))
        return -EINVAL;
    memcpy(address, text, len);
    address[len] = '\0';
    if (inet_pton(allowed_ip.family, address, allowed_ip.address) != 1)
        return -EINVAL;
    allowed_ip.prefix = prefix;
    *ret_allowed_ip = allowed_ip;
    return 0;
}

/* ---- Keys of the interface ---- */

static int
set_private_key(struct uapi *uapi, const char *value)
{
    uint8_t key[WG_KEY_LEN];
    int r = read_key(value, key);

    if (r == 0) {
        uapi->host->lock(uapi->host->context);
        r = wg_device_set_private_key(uapi->host->device, key);
        uapi->host->unlock(uapi->host->context);
    }
    sodium_memzero(key, sizeof key);
    return r;
}

static int
set_listen_port(struct uapi *uapi, const char *value)
{
    uint32_t port;
    int r = read_number(value, UINT16_MAX, &port);

    return r < 0 ? r : uapi->host->set_listen_port(uapi->host->context, port);
}

static int
set_fwmark(struct uapi *uapi, const char *value)
{
    uint32_t fwmark;
    int r = read_number(value, UINT32_MAX, &fwmark);

    return r < 0 ? r : uapi->host->set_fwmark(uapi->host->context, fwmark);
}

static int
replace_peers(struct uapi *uapi, const char *value)
{
    int r = read_true(value);

    if (r < 0)
        return r;
    uapi->host->lock(uapi->host->context);
    wg_device_remove_all_peers(uapi->host->device);
    uapi->host->unlock(uapi->host->context);
    return 0;
}

static int
begin_peer(struct uapi *uapi, const char *value)
{
    uint8_t key[WG_KEY_LEN];
    int r = read_key(value, key);

    if (r < 0)
        return r;
    uapi_finish_peer(uapi);
    memcpy(uapi->public_key, key, sizeof key);
    uapi->has_peer = true;
    uapi->is_ignored = uapi->update_only = false;
    return 0;
}

/* ---- Keys of a peer ---- */

/* Under the lock. A peer is made by the first line that says something of it, or by its end, so that
 * "remove" and "update_only" never make one. NULL with success: its lines have no effect. */
static int
get_peer(struct uapi *uapi, struct wg_peer **ret_peer)
{
    int r = 0;

    *ret_peer = NULL;
    if (uapi->is_ignored)
        return 0;
    if (uapi->update_only)
        *ret_peer = wg_device_find_peer(uapi->host->device, uapi->public_key);
    else
        r = wg_device_add_peer(uapi->host->device, uapi->public_key, ret_peer);
    if (r == -EADDRINUSE) {
        uapi->is_ignored = true;
        r = 0;
    }
    return r;
}

static int
set_preshared_key(const struct uapi *uapi, struct wg_peer *peer, const char *value)
{
    uint8_t key[WG_KEY_LEN];
    int r = read_key(value, key);

    if (r == 0 && peer)
        wg_peer_set_preshared_key(peer, key);
    sodium_memzero(key, sizeof key);
    return r;
}

static int
set_endpoint(const struct uapi *uapi, struct wg_peer *peer, const char *value)
{
    struct wg_endpoint endpoint;
    int r = read_endpoint(uapi->host, value, &endpoint);

    if (r == 0 && peer)
        wg_peer_set_endpoint(peer, &endpoint);
    return r;
}

static int
set_persistent_keepalive(const struct uapi *uapi, struct wg_peer *peer, const char *value)
{
    uint32_t seconds;
    int r = read_number(value, UINT16_MAX, &seconds);

    if (r == 0 && peer)
        wg_peer_set_persistent_keepalive(peer, seconds);
    return r;
}

static int
replace_allowed_ips(const struct uapi *uapi, struct wg_peer *peer, const char *value)
{
    int r = read_true(value);

    if (r == 0 && peer)
        wg_peer_remove_all_allowed_ips(peer);
    return r;
}

static int
set_allowed_ip(const struct uapi *uapi, struct wg_peer *peer, const char *value)
{
    struct wg_allowed_ip ip;
    bool is_removed = *value == '-';
    int r = read_allowed_ip(value + is_removed, &ip);

    if (r < 0 || !peer)
        return r;
    return is_removed ? wg_peer_remove_allowed_ip(peer, ip.family, ip.address, ip.prefix)
                      : wg_peer_add_allowed_ip(peer, ip.family, ip.address, ip.prefix);
}

static int
set_protocol_version(const struct uapi *uapi, struct wg_peer *peer, const char *value)
{
    return strcmp(value, "1") == 0 ? 0 : -EINVAL;
}

static int
set_update_only(struct uapi *uapi, const char *value)
{
    int r = read_true(value);

    if (r == 0)
        uapi->update_only = true;
    return r;
}

static int
remove_peer(struct uapi *uapi, const char *value)
{
    struct wg_peer *peer;
    int r = read_true(value);

    if (r < 0)
        return r;
    uapi->host->lock(uapi->host->context);
    peer = wg_device_find_peer(uapi->host->device, uapi->public_key);
    if (peer)
        wg_device_remove_peer(uapi->host->device, peer);
    uapi->host->unlock(uapi->host->context);
    uapi->is_ignored = true;
    return 0;
}

static const struct {
    const char *key;
    int (*set)(struct uapi *uapi, const char *value);
    bool is_of_peer;
} lines[] = {
    {"private_key", set_private_key, false}, {"listen_port", set_listen_port, false},
    {"fwmark", set_fwmark, false},           {"replace_peers", replace_peers, false},
    {"update_only", set_update_only, true},  {"remove", remove_peer, true},
};

static const struct {
    const char *key;
    /* peer NULL: only check the value */
    int (*set)(const struct uapi *uapi, struct wg_peer *peer, const char *value);
} peer_lines[] = {
    {"allowed_ip", set_allowed_ip},
    {"endpoint", set_endpoint},
    {"persistent_keepalive_interval", set_persistent_keepalive},
    {"preshared_key", set_preshared_key},
    {"protocol_version", set_protocol_version},
    {"replace_allowed_ips", replace_allowed_ips},
};

static int
set_of_peer(struct uapi *uapi,
            int (*set)(const struct uapi *uapi, struct wg_peer *peer, const char *value),
            const char *value)
{
    struct wg_peer *peer;
    int r;

    uapi->host->lock(uapi->host->context);
    r = get_peer(uapi, &peer);
    if (r == 0)
        r = set(uapi, peer, value);
    uapi->host->unlock(uapi->host->context);
    return r;
}

int
uapi_set(struct uapi *uapi, const char *key, const char *value)
{
    if (strcmp(key, "public_key") == 0)
        return begin_peer(uapi, value);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strcmp(key, lines[i].key) == 0)
            return lines[i].is_of_peer == uapi->has_peer ? lines[i].set(uapi, value) : -EINVAL;
    for (size_t i = 0; i < sizeof peer_lines / sizeof *peer_lines; i++)
        if (uapi->has_peer && strcmp(key, peer_lines[i].key) == 0)
            return set_of_peer(uapi, peer_lines[i].set, value);
    return -EINVAL;
}

void
uapi_finish_peer(struct uapi *uapi)
{
    struct wg_peer *peer;

    if (!uapi->has_peer)
        return;
    uapi->has_peer = false;
    if (uapi->error < 0)
        return;
    uapi->host->lock(uapi->host->context);
    if (get_peer(uapi, &peer) == 0 && peer)
        wg_peer_apply(peer, uapi->host->now(uapi->host->context));
    uapi->host->unlock(uapi->host->context);
}
