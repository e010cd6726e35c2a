/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wireguard/messages.h"

/* Which counters were seen: a ring of bits as in RFC 6479, where the window moves by whole words and a
 * word is cleared when it comes to be the newest. One word more than the window, so that all of
 * WG_REPLAY_WINDOW counters behind the greatest are known at any time. */
enum { WG_REPLAY_WORDS = WG_REPLAY_WINDOW / 64 + 1 };

struct wg_replay {
    uint64_t next; /* the greatest counter seen, plus one; 0: none yet */
    uint64_t words[WG_REPLAY_WORDS];
};

/* wg_replay_accept - is an authentic packet's counter new? Then it is remembered. */
bool wg_replay_accept(struct wg_replay *replay, uint64_t counter);
