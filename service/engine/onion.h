/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>

#include "wireguard/device.h"

/* A peer's endpoint may lie behind another peer: then what is sent to it comes back, to be carried by that
 * one. But if that one's messages are carried by it in turn, or by itself, nothing would ever arrive: it
 * would be sealed again and again, longer each time, and, once too long, as ever more fragments. */

enum { ONION_CARRYINGS = 256 };

/* Messages to one receiver index lately went inside of messages to another: so the routes lead. */
struct onion {
    struct {
        uint32_t carried, carrier;
        uint64_t until;           /* mono */
    } carryings[ONION_CARRYINGS]; /* each in the place that its `carried` says */
};

/* onion_goes_round - whether packet, an inner one that is to go in a message to the receiver index carrier,
 * holds a message whose way leads back to itself. Zeroed, an onion knows of none. */
bool onion_goes_round(
    struct onion *onion, struct wg_time now, uint32_t carrier, const uint8_t *packet, size_t len);
