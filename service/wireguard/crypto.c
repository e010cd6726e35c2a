/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/crypto.h"

#include <errno.h>
#include <gcrypt.h>
#include <sodium.h>
#include <stdlib.h>

#include "wireguard/device.h"

enum { BLAKE2S_BLOCK = 64 };

int
wg_init(void)
{
    if (sodium_init() < 0)
        return -ENOTSUP;
    if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
        if (!gcry_check_version("1.10.0"))
            return -ENOTSUP;
        /* Keys rest in memory guarded by libsodium; libgcrypt's own locked pool would only take
         * from the same limit. */
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    if (gcry_md_test_algo(GCRY_MD_BLAKE2S_256) || gcry_md_test_algo(GCRY_MD_BLAKE2S_128))
        return -ENOTSUP;
    return wg_aead_init();
}

void
wg_hash(uint8_t ret[WG_HASH_LEN], const void *a, size_t a_len, const void *b, size_t b_len)
{
    gcry_buffer_t parts[2] = {
        {.data = (void *)a, .len = a_len},
        {.data = (void *)b, .len = b_len},
    };

    if (gcry_md_hash_buffers(GCRY_MD_BLAKE2S_256, 0, ret, parts, 2))
        abort(); /* only for an algorithm that wg_init would have missed */
}

int
wg_mac(uint8_t ret[WG_COOKIE_LEN],
       const void *key,
       size_t key_len,
       const void *a,
       size_t a_len,
       const void *b,
       size_t b_len)
{
    gcry_md_hd_t hash;

    if (gcry_md_open(&hash, GCRY_MD_BLAKE2S_128, 0))
        return -ENOMEM;
    if (gcry_md_setkey(hash, key, key_len)) {
        gcry_md_close(hash);
        return -ENOMEM;
    }
    gcry_md_write(hash, a, a_len);
    gcry_md_write(hash, b, b_len);
    memcpy(ret, gcry_md_read(hash, GCRY_MD_BLAKE2S_128), WG_COOKIE_LEN);
    gcry_md_close(hash);
    return 0;
}

void
wg_hmac(uint8_t ret[WG_HASH_LEN], const uint8_t key[WG_HASH_LEN], const void *input, size_t len)
{
    uint8_t inner[BLAKE2S_BLOCK], outer[BLAKE2S_BLOCK], digest[WG_HASH_LEN];

    memset(inner, 0x36, sizeof inner);
    memset(outer, 0x5c, sizeof outer);
    for (size_t i = 0; i < WG_HASH_LEN; i++) {
        inner[i] ^= key[i];
        outer[i] ^= key[i];
    }
    wg_hash(digest, inner, sizeof inner, input, len);
    wg_hash(ret, outer, sizeof outer, digest, sizeof digest);
    wg_wipe(inner, sizeof inner);
    wg_wipe(outer, sizeof outer);
    wg_wipe(digest, sizeof digest);
}

void
wg_kdf(uint8_t *ret_1,
       uint8_t *ret_2,
       uint8_t *ret_3,
       const uint8_t key[WG_HASH_LEN],
       const void *input,
       size_t len)
{
    uint8_t *const outputs[] = {ret_1, ret_2, ret_3};
    uint8_t secret[WG_HASH_LEN], block[WG_HASH_LEN + 1];

    wg_hmac(secret, key, input, len);
    for (uint8_t n = 0; n < 3 && outputs[n]; n++) {
        /* T(n) = HMAC(secret, T(n - 1) || n), where T(0) is empty */
        block[n == 0 ? 0 : WG_HASH_LEN] = n + 1;
        wg_hmac(block, secret, block, n == 0 ? 1 : sizeof block);
        memcpy(outputs[n], block, WG_HASH_LEN);
    }
    wg_wipe(secret, sizeof secret);
    wg_wipe(block, sizeof block);
}

int
wg_x25519(uint8_t ret[WG_KEY_LEN],
          const uint8_t private_key[WG_KEY_LEN],
          const uint8_t public_key[WG_KEY_LEN])
{
    uint8_t shared[WG_KEY_LEN];
    int r = 0;

    if (crypto_scalarmult_curve25519(shared, private_key, public_key) < 0)
        r = -EKEYREJECTED;
    else
        memcpy(ret, shared, sizeof shared);
    wg_wipe(shared, sizeof shared);
    return r;
}

void
wg_x25519_public(uint8_t ret[WG_KEY_LEN], const uint8_t private_key[WG_KEY_LEN])
{
    crypto_scalarmult_curve25519_base(ret, private_key);
}

void
wg_x25519_clamp(uint8_t private_key[WG_KEY_LEN])
{
    private_key[0] &= 248;
    private_key[31] &= 127;
    private_key[31] |= 64;
}

void
wg_xaead_encrypt(uint8_t *ret_sealed,
                 const uint8_t *text,
                 size_t len,
                 const void *ad,
                 size_t ad_len,
                 const uint8_t nonce[WG_COOKIE_NONCE_LEN],
                 const uint8_t key[WG_KEY_LEN])
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret_sealed, NULL, text, len, ad, ad_len, NULL, nonce,
                                               key);
}

/* libsodium verifies before it writes: on failure ret_text is zero where it was to be text. */
int
wg_xaead_decrypt(uint8_t *ret_text,
                 const uint8_t *sealed,
                 size_t len,
                 const void *ad,
                 size_t ad_len,
                 const uint8_t nonce[WG_COOKIE_NONCE_LEN],
                 const uint8_t key[WG_KEY_LEN])
{
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret_text, NULL, NULL, sealed,
                                                      len + WG_TAG_LEN, ad, ad_len, nonce, key) < 0
               ? -EBADMSG
               : 0;
}

uint64_t
wg_siphash(const uint8_t key[16], const void *data, size_t len)
{
    uint64_t hash;

    static_assert(sizeof hash == crypto_shorthash_BYTES, "SipHash-2-4");
    crypto_shorthash((uint8_t *)&hash, data, len, key);
    return hash;
}

bool
wg_equal(const void *a, const void *b, size_t len)
{
    /* By vectors, where sodium_memcmp() goes by bytes. */
    if (len == crypto_verify_16_BYTES)
        return crypto_verify_16(a, b) == 0;
    return sodium_memcmp(a, b, len) == 0;
}

bool
wg_is_zero(const void *data, size_t len)
{
    return sodium_is_zero(data, len);
}

void
wg_random_system(void *context, void *buffer, size_t len)
{
    randombytes_buf(buffer, len);
}
