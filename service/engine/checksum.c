/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/checksum.h"

/* Sums of 32-bit words in lanes of 64 bits, which cannot overflow below 16 GiB. The compiler makes of it what
 * the processor's vectors are, chosen when the program starts; sanitizers cannot bear that choice. */

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

enum { LANES = 8 };

typedef uint64_t lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

FOR_EACH_PROCESSOR uint64_t
checksum_add(uint64_t sum, const void *data, size_t len)
{
    const uint8_t *at = data;
    lanes low = {0}, high = {0}, words;
    uint64_t word;

    for (; len >= sizeof words; at += sizeof words, len -= sizeof words) {
        memcpy(&words, at, sizeof words);
        low += words & UINT32_MAX;
        high += words >> 32;
    }
    low += high;
    for (unsigned i = 0; i < LANES; i++)
        sum = checksum_join(sum, low[i]);
    for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
        memcpy(&word, at, sizeof word);
        sum = checksum_join(sum, word);
    }
    word = 0;
    memcpy(&word, at, len);
    return checksum_join(sum, word);
}
