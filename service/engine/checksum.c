/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/checksum.h"

/* The carries of a 64-bit addition are collected in the upper half of a 128-bit one, for a compiler
 * makes two instructions of that; two sums, so that neither waits for the other. */
uint64_t
checksum_add(uint64_t sum, const void *data, size_t len)
{
    const uint8_t *at = data;
    unsigned __int128 even = sum, odd = 0;
    uint64_t words[4];

    for (; len >= sizeof words; at += sizeof words, len -= sizeof words) {
        memcpy(words, at, sizeof words);
        even += words[0];
        odd += words[1];
        even += words[2];
        odd += words[3];
    }
    even += odd;
    for (; len >= sizeof words[0]; at += sizeof words[0], len -= sizeof words[0]) {
        memcpy(words, at, sizeof words[0]);
        even += words[0];
    }
    words[0] = 0;
    memcpy(words, at, len);
    even += words[0];
    return checksum_join(even, even >> 64);
}
