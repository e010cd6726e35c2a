/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/onion.h"

#include "engine/inner.h"

enum { DEEPEST = 8 }; /* tunnels in tunnels */

bool
onion_goes_round(
    struct onion *onion, struct wg_time now, uint32_t carrier, const uint8_t *packet, size_t len)
{
    size_t at = inner_udp_payload(packet, len);
    uint32_t outermost = carrier, carried;

    if (at == 0 || wg_message_type(packet + at, len - at) != WG_MESSAGE_TRANSPORT)
        return false;
    carried = wg_transport_receiver(packet + at);
    for (unsigned depth = 0; outermost != carried; depth++) {
        unsigned place = outermost % ONION_CARRYINGS;

        if (depth == DEEPEST)
            return true;
        if (onion->carryings[place].carried != outermost ||
            onion->carryings[place].until < now.mono) {
            place = carried % ONION_CARRYINGS;
            onion->carryings[place].carried = carried;
            onion->carryings[place].carrier = carrier;
            onion->carryings[place].until = now.mono + WG_SECOND;
            return false;
        }
        outermost = onion->carryings[place].carrier;
    }
    return true;
}
