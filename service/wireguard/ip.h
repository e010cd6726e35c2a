/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The little that WireGuard reads of inner packets. */

/* An address, left-aligned, in host order, so that prefixes of both families compare alike. */
struct wg_ip {
    uint64_t high, low;
};

enum wg_ip_end { WG_IP_SOURCE, WG_IP_DESTINATION };

/* wg_ip_from_bytes - 4 or 16 bytes in network order. family: AF_INET or AF_INET6. */
struct wg_ip wg_ip_from_bytes(int family, const void *address);
void wg_ip_to_bytes(int family, struct wg_ip ip, uint8_t ret_address[16]);

/* wg_ip_read - one end of an IP packet, of which len bytes are at hand. The family, or -EPROTO: the
 * version is neither 4 nor 6, or the header is cut off. */
int wg_ip_read(const void *packet, size_t len, enum wg_ip_end end, struct wg_ip *ret_ip);

/* wg_ip_length - how long the packet says that it is. -EPROTO: no IP, shorter than its own header, or
 * longer than the len bytes that came. */
int wg_ip_length(const void *packet, size_t len);
