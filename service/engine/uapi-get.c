/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "engine/uapi.h"

/* The device is copied under its lock, and printed without it, for to print 65,000 allowed IPs takes
 * longer than a packet should wait. */

struct peer_copy {
    struct wg_peer_info info; /* its pointers are for the fields below */
    uint8_t public_key[WG_KEY_LEN];
    uint8_t preshared_key[WG_KEY_LEN];
    size_t allowed_ip_count;
};

struct copy {
    bool has_private_key;
    uint8_t private_key[WG_KEY_LEN];
    struct peer_copy *peers;
    size_t peer_count, peer_size;
    struct wg_allowed_ip *allowed_ips; /* of all peers, in their order */
    size_t allowed_ip_count, allowed_ip_size;
};

/* Room for one more element. What is left behind is wiped, for there are keys among it. */
static int
grow(void *array, size_t count, size_t *size, size_t element)
{
    void **data = array, *bigger;

    if (count < *size)
        return 0;
    *size = MAX(2 * *size, 16);
    bigger = calloc(*size, element);
    if (!bigger)
        return -ENOMEM;
    if (count > 0) {
        memcpy(bigger, *data, count * element);
        sodium_memzero(*data, count * element);
    }
    free(*data);
    *data = bigger;
    return 0;
}

static int
copy_peer(struct copy *copy, const struct wg_peer *peer)
{
    struct peer_copy *to;
    const void *cursor = NULL;
    struct wg_allowed_ip allowed_ip;
    int r = grow(&copy->peers, copy->peer_count, &copy->peer_size, sizeof *copy->peers);

    if (r < 0)
        return r;
    to = &copy->peers[copy->peer_count++];
    wg_peer_get_info(peer, &to->info);
    memcpy(to->public_key, to->info.public_key, WG_KEY_LEN);
    memcpy(to->preshared_key, to->info.preshared_key, WG_KEY_LEN);
    to->allowed_ip_count = 0;
    while (wg_peer_next_allowed_ip(peer, &cursor, &allowed_ip)) {
        r = grow(&copy->allowed_ips, copy->allowed_ip_count, &copy->allowed_ip_size,
                 sizeof *copy->allowed_ips);
        if (r < 0)
            return r;
        copy->allowed_ips[copy->allowed_ip_count++] = allowed_ip;
        to->allowed_ip_count++;
    }
    return 0;
}

static int
copy_device(struct copy *copy, struct wg_device *device)
{
    const uint8_t *key = wg_device_get_private_key(device);
    struct wg_peer *peer = NULL;
    int r = 0;

    copy->has_private_key = key != NULL;
    if (key)
        memcpy(copy->private_key, key, WG_KEY_LEN);
    while (r == 0 && (peer = wg_device_next_peer(device, peer)))
        r = copy_peer(copy, peer);
    return r;
}

static void
clear_copy(struct copy *copy)
{
    if (copy->peers)
        sodium_memzero(copy->peers, copy->peer_count * sizeof *copy->peers);
    free(copy->peers);
    free(copy->allowed_ips);
    sodium_memzero(copy, sizeof *copy);
}

static void
print_key(struct text *answer, const char *name, const uint8_t key[WG_KEY_LEN])
{
    text_add(answer, "%s=", name);
    text_add_hex(answer, key, WG_KEY_LEN);
    text_add(answer, "\n");
}

static void
print_endpoint(struct text *answer, const struct wg_endpoint *endpoint)
{
    char address[INET6_ADDRSTRLEN];

    if (endpoint->addr.sa_family == AF_INET) {
        inet_ntop(AF_INET, &endpoint->in4.sin_addr, address, sizeof address);
        text_add(answer, "endpoint=%s:%u\n", address, ntohs(endpoint->in4.sin_port));
        return;
    }
    inet_ntop(AF_INET6, &endpoint->in6.sin6_addr, address, sizeof address);
    text_add(answer, "endpoint=[%s", address);
    if (endpoint->in6.sin6_scope_id != 0)
        text_add(answer, "%%%u", endpoint->in6.sin6_scope_id);
    text_add(answer, "]:%u\n", ntohs(endpoint->in6.sin6_port));
}

static void
print_peer(struct text *answer,
           const struct peer_copy *peer,
           const struct wg_allowed_ip *allowed_ips,
           enum uapi_access access)
{
    const struct wg_peer_info *info = &peer->info;

    print_key(answer, "public_key", peer->public_key);
    if (access != UAPI_PUBLIC)
        print_key(answer, "preshared_key", peer->preshared_key);
    text_add(answer, "protocol_version=1\n");
    if (wg_endpoint_is_set(&info->endpoint))
        print_endpoint(answer, &info->endpoint);
    text_add(answer,
             "last_handshake_time_sec=%llu\n"
             "last_handshake_time_nsec=%llu\n"
             "tx_bytes=%llu\n"
             "rx_bytes=%llu\n"
             "persistent_keepalive_interval=%u\n",
             (unsigned long long)(info->last_handshake / WG_SECOND),
             (unsigned long long)(info->last_handshake % WG_SECOND),
             (unsigned long long)info->tx_bytes, (unsigned long long)info->rx_bytes,
             info->persistent_keepalive);
    if (access != UAPI_PLAIN)
        text_add(answer, "waiting_since_sec=%llu\n",
                 (unsigned long long)(info->waiting_since / WG_SECOND));
    assert(allowed_ips || peer->allowed_ip_count == 0);
    for (size_t i = 0; i < peer->allowed_ip_count; i++) {
        char address[INET6_ADDRSTRLEN];

        inet_ntop(allowed_ips[i].family, allowed_ips[i].address, address, sizeof address);
        text_add(answer, "allowed_ip=%s/%u\n", address, allowed_ips[i].prefix);
    }
}

int
uapi_get(struct uapi *uapi, struct text *answer)
{
    const struct uapi_host *host = uapi->host;
    struct copy copy = {0};
    size_t allowed_ip = 0;
    uint32_t fwmark = host->get_fwmark(host->context);
    int r;

    host->lock(host->context);
    r = copy_device(&copy, host->device);
    host->unlock(host->context);
    if (r < 0) {
        clear_copy(&copy);
        return r;
    }
    if (copy.has_private_key && uapi->access != UAPI_PUBLIC)
        print_key(answer, "private_key", copy.private_key);
    text_add(answer, "listen_port=%u\n", host->get_listen_port(host->context));
    if (fwmark != 0)
        text_add(answer, "fwmark=%u\n", fwmark);
    for (size_t i = 0; i < copy.peer_count; i++) {
        print_peer(answer, &copy.peers[i], copy.allowed_ips + allowed_ip, uapi->access);
        allowed_ip += copy.peers[i].allowed_ip_count;
    }
    clear_copy(&copy);
    return answer->has_failed ? -ENOMEM : 0;
}
