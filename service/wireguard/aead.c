/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <errno.h>
#include <gcrypt.h>
#include <nettle/chacha-poly1305.h>
#include <nettle/memops.h>
#include <stdlib.h>

#include "wireguard/crypto.h"
#include "wireguard/device.h"

#if HAVE_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

/* ChaCha20-Poly1305, by the library that is the fastest here, in place:
 *
 *                      1420 bytes              112 bytes
 *                      AVX-512     AVX2        caches warm     caches cold
 *      ipsec-mb        0.66 us     1.5 us      0.25 us         7 us
 *      libgcrypt       1.2 us      1.3 us      0.34 us         5 us
 *      Nettle          2.9 us                  0.36 us         3.4 us
 *      OpenSSL 3       1.3 us      1.3 us
 *      libsodium       1.6 us      1.9 us      0.41 us         5.7 us
 *
 * So libgcrypt, which is everywhere and good on ARM too, but for processors with AVX-512. And for a
 * little packet that comes alone Nettle: it most likely comes after a pause, and then what counts is how
 * little code there is to fetch. tests/bench/crypto measures anew. */

struct wg_aead {
    enum wg_aead_library bulk, lone;
    enum wg_aead_library used; /* with this key */
    gcry_cipher_hd_t gcrypt;
    struct chacha_poly1305_ctx nettle;
    uint8_t key[WG_KEY_LEN]; /* for ipsec-mb, which has no state that would hold it */
};

enum { LITTLE = 256 }; /* bytes */

/* The nonce of RFC 8439 has 96 bits: 32 of zero, then the counter, little-endian. */
enum { NONCE_LEN = 12 };

static void
make_nonce(uint8_t nonce[NONCE_LEN], uint64_t counter)
{
    counter = htole64(counter);
    memset(nonce, 0, NONCE_LEN - sizeof counter);
    memcpy(nonce + NONCE_LEN - sizeof counter, &counter, sizeof counter);
}

/* ---- ipsec-mb ---- */

#if HAVE_IPSEC_MB

/* A table of functions: only read after wg_aead_init, and so for all threads. NULL: the processor has
 * no AVX-512. */
static IMB_MGR *manager;

static void
mb_init(void)
{
    if (manager)
        return;
    manager = alloc_mb_mgr(0);
    if (!manager)
        return;
    if (~manager->features & (IMB_FEATURE_AVX512_SKX | IMB_FEATURE_AVX512_IFMA)) {
        free_mb_mgr(manager);
        manager = NULL;
        return;
    }
    init_mb_mgr_avx512(manager);
}

static bool
mb_is_here(void)
{
    return manager != NULL;
}

static void
mb_begin(const struct wg_aead *aead,
         struct chacha20_poly1305_context_data *context,
         uint64_t counter,
         const void *ad,
         size_t ad_len)
{
    uint8_t nonce[NONCE_LEN];

    make_nonce(nonce, counter);
    IMB_CHACHA20_POLY1305_INIT(manager, aead->key, context, nonce, ad_len > 0 ? ad : "", ad_len);
}

static int
mb_encrypt(const struct wg_aead *aead,
           uint64_t counter,
           const void *ad,
           size_t ad_len,
           uint8_t *text,
           size_t len)
{
    struct chacha20_poly1305_context_data context;

    mb_begin(aead, &context, counter, ad, ad_len);
    if (len > 0)
        IMB_CHACHA20_POLY1305_ENC_UPDATE(manager, aead->key, &context, text, text, len);
    IMB_CHACHA20_POLY1305_ENC_FINALIZE(manager, &context, text + len, WG_TAG_LEN);
    wg_wipe(&context, sizeof context);
    return 0;
}

static int
mb_decrypt(const struct wg_aead *aead,
           uint64_t counter,
           const void *ad,
           size_t ad_len,
           uint8_t *text,
           size_t len)
{
    struct chacha20_poly1305_context_data context;
    uint8_t tag[WG_TAG_LEN];
    int r;

    mb_begin(aead, &context, counter, ad, ad_len);
    if (len > 0)
        IMB_CHACHA20_POLY1305_DEC_UPDATE(manager, aead->key, &context, text, text, len);
    IMB_CHACHA20_POLY1305_DEC_FINALIZE(manager, &context, tag, sizeof tag);
    r = wg_equal(tag, text + len, sizeof tag) ? 0 : -EBADMSG;
    wg_wipe(tag, sizeof tag);
    wg_wipe(&context, sizeof context);
    return r;
}

#else

static void
mb_init(void)
{
}

static bool
mb_is_here(void)
{
    return false;
}

#define mb_encrypt(...) -EIO
#define mb_decrypt(...) -EBADMSG

#endif

/* ---- libgcrypt ---- */

static int
gcrypt_begin(struct wg_aead *aead, uint64_t counter, const void *ad, size_t ad_len)
{
    uint8_t nonce[NONCE_LEN];

    make_nonce(nonce, counter);
    if (gcry_cipher_setiv(aead->gcrypt, nonce, sizeof nonce) ||
        (ad_len > 0 && gcry_cipher_authenticate(aead->gcrypt, ad, ad_len)))
        return -EIO;
    return 0;
}

static int
gcrypt_encrypt(struct wg_aead *aead,
               uint64_t counter,
               const void *ad,
               size_t ad_len,
               uint8_t *text,
               size_t len)
{
    if (gcrypt_begin(aead, counter, ad, ad_len) ||
        (len > 0 && gcry_cipher_encrypt(aead->gcrypt, text, len, NULL, 0)) ||
        gcry_cipher_gettag(aead->gcrypt, text + len, WG_TAG_LEN))
        return -EIO;
    return 0;
}

static int
gcrypt_decrypt(struct wg_aead *aead,
               uint64_t counter,
               const void *ad,
               size_t ad_len,
               uint8_t *text,
               size_t len)
{
    if (gcrypt_begin(aead, counter, ad, ad_len) ||
        (len > 0 && gcry_cipher_decrypt(aead->gcrypt, text, len, NULL, 0)) ||
        gcry_cipher_checktag(aead->gcrypt, text + len, WG_TAG_LEN))
        return -EBADMSG;
    return 0;
}

/* ---- Nettle ---- */

static void
nettle_begin(struct wg_aead *aead, uint64_t counter, const void *ad, size_t ad_len)
{
    uint8_t nonce[NONCE_LEN];

    make_nonce(nonce, counter);
    chacha_poly1305_set_nonce(&aead->nettle, nonce);
    if (ad_len > 0)
        chacha_poly1305_update(&aead->nettle, ad_len, ad);
}

static int
nettle_encrypt(struct wg_aead *aead,
               uint64_t counter,
               const void *ad,
               size_t ad_len,
               uint8_t *text,
               size_t len)
{
    nettle_begin(aead, counter, ad, ad_len);
    chacha_poly1305_encrypt(&aead->nettle, len, text, text);
    chacha_poly1305_digest(&aead->nettle, WG_TAG_LEN, text + len);
    return 0;
}

static int
nettle_decrypt(struct wg_aead *aead,
               uint64_t counter,
               const void *ad,
               size_t ad_len,
               uint8_t *text,
               size_t len)
{
    uint8_t tag[WG_TAG_LEN];
    int r;

    nettle_begin(aead, counter, ad, ad_len);
    chacha_poly1305_decrypt(&aead->nettle, len, text, text);
    chacha_poly1305_digest(&aead->nettle, sizeof tag, tag);
    r = memeql_sec(tag, text + len, sizeof tag) ? 0 : -EBADMSG;
    wg_wipe(tag, sizeof tag);
    return r;
}

/* ---- Any ---- */

int
wg_aead_init(void)
{
    mb_init();
    return gcry_cipher_test_algo(GCRY_CIPHER_CHACHA20) ? -ENOTSUP : 0;
}

static int
new_by(enum wg_aead_library bulk, enum wg_aead_library lone, struct wg_aead **ret_aead)
{
    struct wg_aead *aead = calloc(1, sizeof *aead);

    if (!aead)
        return -ENOMEM;
    aead->bulk = bulk;
    aead->lone = aead->used = lone;
    if (bulk == WG_AEAD_GCRYPT &&
        gcry_cipher_open(&aead->gcrypt, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0)) {
        free(aead);
        return -ENOMEM;
    }
    *ret_aead = aead;
    return 0;
}

int
wg_aead_new_by(enum wg_aead_library library, struct wg_aead **ret_aead)
{
    if (library == WG_AEAD_IPSEC_MB && !mb_is_here())
        return -ENOTSUP;
    return new_by(library, library, ret_aead);
}

int
wg_aead_new(struct wg_aead **ret_aead)
{
    return new_by(mb_is_here() ? WG_AEAD_IPSEC_MB : WG_AEAD_GCRYPT, WG_AEAD_NETTLE, ret_aead);
}

void
wg_aead_free(struct wg_aead *aead)
{
    if (!aead)
        return;
    if (aead->gcrypt)
        gcry_cipher_close(aead->gcrypt);
    wg_wipe(aead, sizeof *aead);
    free(aead);
}

static void
gcrypt_set_key(struct wg_aead *aead, const uint8_t key[WG_KEY_LEN])
{
    if (gcry_cipher_setkey(aead->gcrypt, key, WG_KEY_LEN))
        abort(); /* only for a wrong length */
}

void
wg_aead_set_key(struct wg_aead *aead, const uint8_t key[WG_KEY_LEN], unsigned count, size_t len)
{
    aead->used = count == 1 && len <= LITTLE ? aead->lone : aead->bulk;
    switch (aead->used) {
    case WG_AEAD_IPSEC_MB:
        memcpy(aead->key, key, WG_KEY_LEN);
        return;
    case WG_AEAD_GCRYPT:
        gcrypt_set_key(aead, key);
        return;
    case WG_AEAD_NETTLE:
        chacha_poly1305_set_key(&aead->nettle, key);
        return;
    }
}

void
wg_aead_forget_key(struct wg_aead *aead)
{
    static const uint8_t zero[WG_KEY_LEN];

    switch (aead->used) {
    case WG_AEAD_IPSEC_MB:
        wg_wipe(aead->key, WG_KEY_LEN);
        return;
    case WG_AEAD_GCRYPT:
        gcrypt_set_key(aead, zero);
        return;
    case WG_AEAD_NETTLE:
        wg_wipe(&aead->nettle, sizeof aead->nettle);
        return;
    }
}

int
wg_aead_encrypt(struct wg_aead *aead,
                uint64_t counter,
                const void *ad,
                size_t ad_len,
                uint8_t *text,
                size_t len)
{
    switch (aead->used) {
    case WG_AEAD_IPSEC_MB:
        return mb_encrypt(aead, counter, ad, ad_len, text, len);
    case WG_AEAD_GCRYPT:
        return gcrypt_encrypt(aead, counter, ad, ad_len, text, len);
    case WG_AEAD_NETTLE:
        return nettle_encrypt(aead, counter, ad, ad_len, text, len);
    }
    return -EIO;
}

int
wg_aead_decrypt(struct wg_aead *aead,
                uint64_t counter,
                const void *ad,
                size_t ad_len,
                uint8_t *text,
                size_t len)
{
    switch (aead->used) {
    case WG_AEAD_IPSEC_MB:
        return mb_decrypt(aead, counter, ad, ad_len, text, len);
    case WG_AEAD_GCRYPT:
        return gcrypt_decrypt(aead, counter, ad, ad_len, text, len);
    case WG_AEAD_NETTLE:
        return nettle_decrypt(aead, counter, ad, ad_len, text, len);
    }
    return -EBADMSG;
}
