/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "relay/link.h"

/* The listening sockets, of either side. */
struct relay_ports;

/* relay_ports_new - connections become links. NULL without memory. */
struct relay_ports *relay_ports_new(struct relay_links *links);

/* relay_ports_add - listen on fd, taken. 0 or a negative errno. */
int relay_ports_add(struct relay_ports *ports, int fd, int direction, uint16_t port, int family);

/* relay_ports_remove - listen no more on those of the port. */
void relay_ports_remove(struct relay_ports *ports, int direction, uint16_t port);

/* relay_ports_settle - accept again, or no more: there are as many links as there may be. Returns how
 * long to wait before the next call, in milliseconds; -1: until something happens. */
int relay_ports_settle(struct relay_ports *ports);
