/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wireguard/messages.h"

/* The primitives of the paper's section 5.4 under its names, and the one place that knows which library
 * does what: libgcrypt for BLAKE2s, which libsodium lacks, libsodium for the rest, and for the bulk of the
 * work, ChaCha20-Poly1305, the fastest that the machine has (aead.c). */

struct wg_aead;

/* wg_hash - HASH(a || b): BLAKE2s-256. */
void wg_hash(uint8_t ret[WG_HASH_LEN], const void *a, size_t a_len, const void *b, size_t b_len);

/* wg_mac - MAC(key, a || b): keyed BLAKE2s with 16 bytes of output. key_len: 1 to 32. -ENOMEM. */
int wg_mac(uint8_t ret[WG_COOKIE_LEN],
           const void *key,
           size_t key_len,
           const void *a,
           size_t a_len,
           const void *b,
           size_t b_len);

/* wg_hmac - HMAC(key, input) on BLAKE2s-256, which has blocks of 64 bytes. */
void
wg_hmac(uint8_t ret[WG_HASH_LEN], const uint8_t key[WG_HASH_LEN], const void *input, size_t len);

/* wg_kdf - KDF1, KDF2 or KDF3: as many outputs, from the first on, as are not NULL. An output may be
 * the key itself. */
void wg_kdf(uint8_t *ret_1,
            uint8_t *ret_2,
            uint8_t *ret_3,
            const uint8_t key[WG_HASH_LEN],
            const void *input,
            size_t len);

/* wg_x25519 - DH(private, public). -EKEYREJECTED: the result is zero, public is of low order. */
int wg_x25519(uint8_t ret[WG_KEY_LEN],
              const uint8_t private_key[WG_KEY_LEN],
              const uint8_t public_key[WG_KEY_LEN]);
void wg_x25519_public(uint8_t ret[WG_KEY_LEN], const uint8_t private_key[WG_KEY_LEN]);
void wg_x25519_clamp(uint8_t private_key[WG_KEY_LEN]);

/* Who can do ChaCha20-Poly1305. */
enum wg_aead_library {
    WG_AEAD_GCRYPT,
    WG_AEAD_IPSEC_MB, /* where it was there to build with, and the processor has AVX-512 */
    WG_AEAD_NETTLE,
};

/* wg_aead_init - part of wg_init. */
int wg_aead_init(void);

/* wg_aead_new_by - as wg_aead_new, but by this library, for tests and benchmarks. -ENOTSUP: not here. */
int wg_aead_new_by(enum wg_aead_library library, struct wg_aead **ret_aead);

/* wg_aead_set_key, wg_aead_forget_key - encryption and decryption happen between the two: of count texts,
 * the first with len bytes, by which the library is chosen. */
void
wg_aead_set_key(struct wg_aead *aead, const uint8_t key[WG_KEY_LEN], unsigned count, size_t len);
void wg_aead_forget_key(struct wg_aead *aead);

/* wg_aead_encrypt - AEAD(key, counter, text, ad) in place; the tag follows text. -EIO. */
int wg_aead_encrypt(struct wg_aead *aead,
                    uint64_t counter,
                    const void *ad,
                    size_t ad_len,
                    uint8_t *text,
                    size_t len);

/* wg_aead_decrypt - its reverse; len is that of the text without tag. -EBADMSG: not authentic, and
 * text is now noise. */
int wg_aead_decrypt(struct wg_aead *aead,
                    uint64_t counter,
                    const void *ad,
                    size_t ad_len,
                    uint8_t *text,
                    size_t len);

/* wg_xaead_encrypt, wg_xaead_decrypt - XAEAD(key, nonce, text, ad), XChaCha20-Poly1305, which only cookies
 * need. len is that of the text without tag; for it ret_sealed has room. -EBADMSG. */
void wg_xaead_encrypt(uint8_t *ret_sealed,
                      const uint8_t *text,
                      size_t len,
                      const void *ad,
                      size_t ad_len,
                      const uint8_t nonce[WG_COOKIE_NONCE_LEN],
                      const uint8_t key[WG_KEY_LEN]);
int wg_xaead_decrypt(uint8_t *ret_text,
                     const uint8_t *sealed,
                     size_t len,
                     const void *ad,
                     size_t ad_len,
                     const uint8_t nonce[WG_COOKIE_NONCE_LEN],
                     const uint8_t key[WG_KEY_LEN]);

/* wg_siphash - for hash tables whose keys a stranger chooses. */
uint64_t wg_siphash(const uint8_t key[16], const void *data, size_t len);

/* wg_equal - in constant time. wg_is_zero - likewise. */
bool wg_equal(const void *a, const void *b, size_t len);
bool wg_is_zero(const void *data, size_t len);

/* wg_wipe - not optimized away, as the compiler thinks that somebody looks. Here, for each packet needs it and
 * a library's, wherever it lies, cost 2.5 us after a pause. */
static inline void
wg_wipe(void *data, size_t len)
{
    memset(data, 0, len);
    __asm__ volatile("" : : "r"(data) : "memory");
}

/* wg_random_system - from the kernel, for struct wg_random. */
void wg_random_system(void *context, void *buffer, size_t len);
