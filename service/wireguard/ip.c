/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/ip.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum {
    IPV4_HEADER = 20,
    IPV4_TOTAL_LENGTH = 2,
    IPV4_SOURCE = 12,
    IPV4_DESTINATION = 16,
    IPV6_HEADER = 40,
    IPV6_PAYLOAD_LENGTH = 4,
    IPV6_SOURCE = 8,
    IPV6_DESTINATION = 24,
};

static uint64_t
read_be(const uint8_t *bytes, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++)
        value = value << 8 | bytes[i];
    return value;
}

struct wg_ip
wg_ip_from_bytes(int family, const void *address)
{
    if (family == AF_INET)
        return (struct wg_ip){.high = read_be(address, 4) << 32};
    return (struct wg_ip){
        .high = read_be(address, 8),
        .low = read_be((const uint8_t *)address + 8, 8),
    };
}

void
wg_ip_to_bytes(int family, struct wg_ip ip, uint8_t ret_address[16])
{
    uint64_t bytes[2] = {htobe64(ip.high), htobe64(ip.low)};

    memcpy(ret_address, bytes, family == AF_INET ? 4 : 16);
}

static int
family_of(const uint8_t *packet, size_t len)
{
    if (len >= IPV4_HEADER && packet[0] >> 4 == 4)
        return AF_INET;
    if (len >= IPV6_HEADER && packet[0] >> 4 == 6)
        return AF_INET6;
    return -EPROTO;
}

int
wg_ip_read(const void *packet, size_t len, enum wg_ip_end end, struct wg_ip *ret_ip)
{
    int family = family_of(packet, len);
    size_t at;

    if (family < 0)
        return family;
    if (family == AF_INET)
        at = end == WG_IP_SOURCE ? IPV4_SOURCE : IPV4_DESTINATION;
    else
        at = end == WG_IP_SOURCE ? IPV6_SOURCE : IPV6_DESTINATION;
    *ret_ip = wg_ip_from_bytes(family, (const uint8_t *)packet + at);
    return family;
}

int
wg_ip_length(const void *packet, size_t len)
{
    const uint8_t *bytes = packet;
    int family = family_of(bytes, len);
    size_t header, total;

    if (family < 0)
        return family;
    if (family == AF_INET) {
        header = (bytes[0] & 0x0f) * 4;
        total = read_be(bytes + IPV4_TOTAL_LENGTH, 2);
    } else {
        header = IPV6_HEADER;
        total = IPV6_HEADER + read_be(bytes + IPV6_PAYLOAD_LENGTH, 2);
    }
    if (header < IPV4_HEADER || total < header || total > len)
        return -EPROTO;
    return total;
}
