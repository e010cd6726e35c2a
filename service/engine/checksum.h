/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The Internet checksum (RFC 1071), kept as a 64-bit ones' complement sum of bytes as they lie in memory:
 * such a sum has the byte order of what was summed, so nothing is ever swapped. */

static inline uint64_t
checksum_join(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/* checksum_add - sum of len bytes; data begins at an even offset of what is summed. */
uint64_t checksum_add(uint64_t sum, const void *data, size_t len);

/* checksum_add_word - one 16-bit word in network byte order. */
static inline uint64_t
checksum_add_word(uint64_t sum, uint16_t word)
{
    return checksum_join(sum, word);
}

/* checksum_subtract_word - undo checksum_add_word. */
static inline uint64_t
checksum_subtract_word(uint64_t sum, uint16_t word)
{
    return checksum_join(sum, (uint16_t)~word);
}

/* checksum_fold - the 16 bits, not complemented. */
static inline uint16_t
checksum_fold(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    return sum;
}
