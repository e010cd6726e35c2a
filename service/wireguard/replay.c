/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/replay.h"

bool
wg_replay_accept(struct wg_replay *replay, uint64_t counter)
{
    uint64_t number = counter / 64, bit = UINT64_C(1) << (counter % 64);
    uint64_t *word = &replay->words[number % WG_REPLAY_WORDS];

    if (counter >= WG_REJECT_AFTER_MESSAGES)
        return false;
    if (replay->next > WG_REPLAY_WINDOW && counter < replay->next - WG_REPLAY_WINDOW)
        return false;
    if (counter >= replay->next) {
        uint64_t newest = replay->next > 0 ? (replay->next - 1) / 64 : 0;

        for (uint64_t i = 0; i < WG_REPLAY_WORDS && newest + i < number; i++)
            replay->words[(newest + i + 1) % WG_REPLAY_WORDS] = 0;
        replay->next = counter + 1;
    }
    if (*word & bit)
        return false;
    *word |= bit;
    return true;
}
