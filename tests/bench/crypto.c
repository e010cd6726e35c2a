/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * crypto [ROUNDS]: what a WireGuard packet and handshake cost by one library and by another, in
 * nanoseconds; medians over interleaved rounds. "ours" is what service/wireguard/aead.c chose. */
#include <gcrypt.h>
#include <glib.h>
#include <nettle/chacha-poly1305.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "wireguard/crypto.h"
#include "wireguard/device.h"

enum {
    PACKET = 1420,
    SMALL = 64,
    TAG = 16,
    DEFAULT_ROUNDS = 31,
    COLD_CALLS = 5,
    CACHES = 64 * 1024 * 1024, /* bytes, to push everything else out of them */
};

#define ROUND_US 3000

static uint8_t key[32] = {1}, nonce[12], text[PACKET + TAG], other[32] = {9};
static struct wg_aead *ours;
static gcry_cipher_hd_t gcrypt;
static struct chacha_poly1305_ctx nettle;
static EVP_CIPHER_CTX *openssl;
static EVP_PKEY *openssl_private, *openssl_public;

static void
aead_ours(size_t len)
{
    wg_aead_set_key(ours, key, 2, len);
    wg_aead_encrypt(ours, 1, NULL, 0, text, len);
}

static void
aead_ours_alone(size_t len)
{
    wg_aead_set_key(ours, key, 1, len);
    wg_aead_encrypt(ours, 1, NULL, 0, text, len);
}

static void
aead_nettle(size_t len)
{
    chacha_poly1305_set_nonce(&nettle, nonce);
    chacha_poly1305_encrypt(&nettle, len, text, text);
    chacha_poly1305_digest(&nettle, TAG, text + len);
}

static void
aead_sodium(size_t len)
{
    crypto_aead_chacha20poly1305_ietf_encrypt(text, NULL, text, len, NULL, 0, NULL, nonce, key);
}

static void
aead_gcrypt(size_t len)
{
    gcry_cipher_reset(gcrypt);
    gcry_cipher_setiv(gcrypt, nonce, sizeof nonce);
    gcry_cipher_encrypt(gcrypt, text, len, NULL, 0);
    gcry_cipher_gettag(gcrypt, text + len, TAG);
}

static void
aead_openssl(size_t len)
{
    int n;

    EVP_EncryptInit_ex(openssl, NULL, NULL, NULL, nonce);
    EVP_EncryptUpdate(openssl, text, &n, text, (int)len);
    EVP_EncryptFinal_ex(openssl, text + n, &n);
    EVP_CIPHER_CTX_ctrl(openssl, EVP_CTRL_AEAD_GET_TAG, TAG, text + len);
}

static void
x25519_ours(size_t len)
{
    uint8_t shared[32];

    if (wg_x25519(shared, key, other) < 0)
        abort();
}

static void
x25519_sodium(size_t len)
{
    uint8_t shared[32];

    if (crypto_scalarmult_curve25519(shared, key, other) != 0)
        abort();
}

static void
x25519_openssl(size_t len)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(openssl_private, NULL);
    uint8_t shared[32];
    size_t shared_len = sizeof shared;

    if (EVP_PKEY_derive_init(context) != 1 ||
        EVP_PKEY_derive_set_peer(context, openssl_public) != 1 ||
        EVP_PKEY_derive(context, shared, &shared_len) != 1)
        abort();
    EVP_PKEY_CTX_free(context);
}

static void
blake2s_ours(size_t len)
{
    uint8_t hash[32];

    wg_hash(hash, text, len, NULL, 0);
}

static void
blake2s_gcrypt(size_t len)
{
    uint8_t hash[32];

    gcry_md_hash_buffer(GCRY_MD_BLAKE2S_256, hash, text, len);
}

static void
blake2s_openssl(size_t len)
{
    uint8_t hash[32];

    EVP_Digest(text, len, hash, NULL, EVP_blake2s256(), NULL);
}

/* In each row: ours, libsodium, libgcrypt, OpenSSL, Nettle. libsodium and Nettle have no BLAKE2s;
 * libgcrypt's X25519 goes by way of S-expressions, and nobody would use it for packets. */
enum { LIBRARIES = 5 };

static const struct {
    const char *name;
    size_t len;
    void (*by[LIBRARIES])(size_t len);
    bool is_cold; /* the caches hold something else before each call */
} rows[] = {
    {"ChaCha20-Poly1305, 1420 bytes",
     PACKET,
     {aead_ours, aead_sodium, aead_gcrypt, aead_openssl, aead_nettle}},
    {"ChaCha20-Poly1305, 64 bytes",
     SMALL,
     {aead_ours, aead_sodium, aead_gcrypt, aead_openssl, aead_nettle}},
    {"64 bytes, after a pause",
     SMALL,
     {aead_ours_alone, aead_sodium, aead_gcrypt, aead_openssl, aead_nettle},
     .is_cold = true},
    {"X25519", 32, {x25519_ours, x25519_sodium, NULL, x25519_openssl}},
    {"BLAKE2s, 32 bytes", 32, {blake2s_ours, NULL, blake2s_gcrypt, blake2s_openssl}},
};

/* Nanoseconds for a call, of which as many as fit into ROUND_US are made. */
static double
measure(void (*function)(size_t len), size_t len)
{
    gint64 start = g_get_monotonic_time(), now;
    unsigned calls = 0;

    do {
        for (unsigned i = 0; i < 16; i++)
            function(len);
        calls += 16;
        now = g_get_monotonic_time();
    } while (now - start < ROUND_US);
    return 1000.0 * (double)(now - start) / calls;
}

/* Nanoseconds, of one call at a time. */
static double
measure_cold(void (*function)(size_t len), size_t len)
{
    static uint8_t caches[CACHES];
    double used = 0;

    for (unsigned i = 0; i < COLD_CALLS; i++) {
        struct timespec start, end;

        for (size_t at = 0; at < sizeof caches; at += 64)
            ((volatile uint8_t *)caches)[at]++;
        clock_gettime(CLOCK_MONOTONIC, &start);
        function(len);
        clock_gettime(CLOCK_MONOTONIC, &end);
        used += 1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec);
    }
    return used / COLD_CALLS;
}

static int
compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;

    return (difference > 0) - (difference < 0);
}

static void
begin(void)
{
    if (wg_init() < 0 || wg_aead_new(&ours) < 0)
        abort();
    gcry_cipher_open(&gcrypt, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0);
    gcry_cipher_setkey(gcrypt, key, sizeof key);
    chacha_poly1305_set_key(&nettle, key);
    openssl = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(openssl, EVP_chacha20_poly1305(), NULL, key, nonce);
    openssl_private = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, key, sizeof key);
    openssl_public = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, other, sizeof other);
}

static void
end(void)
{
    wg_aead_free(ours);
    gcry_cipher_close(gcrypt);
    EVP_CIPHER_CTX_free(openssl);
    EVP_PKEY_free(openssl_private);
    EVP_PKEY_free(openssl_public);
}

int
main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)MAX(atoi(argv[1]), 1) : DEFAULT_ROUNDS;
    g_autofree double *times = g_new(double, rounds *LIBRARIES);

    begin();
    printf("%-30s %10s %10s %10s %10s %10s\n", "ns", "ours", "libsodium", "libgcrypt", "OpenSSL",
           "Nettle");
    for (gsize row = 0; row < G_N_ELEMENTS(rows); row++) {
        for (unsigned round = 0; round < rounds; round++)
            for (unsigned i = 0; i < LIBRARIES; i++)
                if (rows[row].by[i])
                    times[i * rounds + round] = (rows[row].is_cold ? measure_cold : measure)(
                        rows[row].by[i], rows[row].len);
        printf("%-30s", rows[row].name);
        for (unsigned i = 0; i < LIBRARIES; i++) {
            if (!rows[row].by[i]) {
                printf(" %10s", "-");
                continue;
            }
            qsort(times + i * rounds, rounds, sizeof *times, compare);
            printf(" %10.0f", times[i * rounds + rounds / 2]);
        }
        printf("\n");
    }
    end();
    return 0;
}
