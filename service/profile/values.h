/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/config.h"

/* Single values as wg(8) takes them: blanks already removed, odd notations included, because what
 * works with wg shall work here. Each returns FALSE, and leaves its outputs, for what wg refuses. */

/* wgw_value_port - what getaddrinfo(3) takes for a UDP port: decimal digits, of which it keeps the
 * low 16 bits (*ret_cut tells), or a service's name from services(5). */
gboolean wgw_value_port(const char *value, guint16 *ret_port, gboolean *ret_cut);

/* wgw_value_fwmark - "off", or a number of 32 bits, decimal or "0x" and hexadecimal. */
gboolean wgw_value_fwmark(const char *value, guint32 *ret_mark);

/* wgw_value_keepalive - "off" or a number of 16 bits. */
gboolean wgw_value_keepalive(const char *value, guint16 *ret_seconds);

/* wgw_value_endpoint - HOST:PORT, [HOST]:PORT. ret_host is normalised if it is an address, and free
 * with g_free. A name is checked for its form only; nothing is resolved. */
gboolean wgw_value_endpoint(const char *value,
                            char **ret_host,
                            guint16 *ret_port,
                            gboolean *ret_numeric,
                            gboolean *ret_cut);

/* wgw_value_domain - whether it has the form of a host's or domain's name. */
gboolean wgw_value_domain(const char *value);
