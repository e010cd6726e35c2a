/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <endian.h>
#include <errno.h>
#include <sodium.h>

#include "hex.h"
#include "wireguard/crypto.h"
#include "wireguard/device.h"

static void
blake2s_is_that_of_rfc_7693(void)
{
    uint8_t hash[WG_HASH_LEN];

    wg_hash(hash, "abc", 3, NULL, 0);
    assert_hex(hash, 32, "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
    wg_hash(hash, "a", 1, "bc", 2);
    assert_hex(hash, 32, "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
    wg_hash(hash, NULL, 0, NULL, 0);
    assert_hex(hash, 32, "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9");
}

/* Made with the implementation by BLAKE2's authors, which Python's hashlib has. */
static void
keyed_blake2s_is_that_of_its_authors(void)
{
    static const struct {
        size_t key_len, len;
        const char *mac;
    } cases[] = {
        {32, 0, "9536f9b267655743dee97b8a670f9f53"},
        {16, 0, "af4e5d3bb230e9ff9096ca6f7c501f76"},
        {32, 1, "13bacfb85b48a1223c595f8c1e7e82cb"},
        {16, 1, "881e42e7bb358082637c0a0fd7ec6c2f"},
        {32, 64, "f1efa90d2547036841ecd3627fafbc36"},
        {16, 64, "dd55c51c98f8ab96ed272882941f0b6a"},
        {32, 65, "811ff8686d23a435ecbd0bdafcd27b1b"},
        {16, 65, "9018c671bb7e94a6d540a91765bbecad"},
        {32, 255, "cd075928ab7e6883e697fe7fd3ac43ee"},
        {16, 255, "b2953795123bd6b890ef3b6fa8b9bae2"},
    };
    uint8_t counting[256], mac[WG_COOKIE_LEN];

    for (unsigned i = 0; i < sizeof counting; i++)
        counting[i] = i;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (size_t cut = 0; cut <= cases[i].len; cut += 13) {
            g_assert_cmpint(wg_mac(mac, counting, cases[i].key_len, counting, cut, counting + cut,
                                   cases[i].len - cut),
                            ==, 0);
            assert_hex(mac, sizeof mac, cases[i].mac);
        }
    }
}

/* The vectors that wireguard-go publishes. */
static void
kdf_is_that_of_wireguard(void)
{
    static const struct {
        const char *text, *more, *t[3];
    } cases[] = {
        {"test-key",
         "test-input",
         {"6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633",
          "df1194df20802a4fe594cde27e92991c8cae66c366e8106aaa937a55fa371e8a",
          "fac6e2745a325f5dc5d11a5b165aad08b0ada28e7b4e666b7c077934a4d76c24"}},
        {"wireguard",
         "wireguard",
         {"491d43bbfdaa8750aaf535e334ecbfe5129967cd64635101c566d4caefda96e8",
          "1e71a379baefd8a79aa4662212fcafe19a23e2b609a3db7d6bcba8f560e3d25f",
          "31e1ae48bddfbe5de38f295e5452b1909a1b4e38e183926af3780b0c1e1f0160"}},
        {"",
         "",
         {"8387b46bf43eccfcf349552a095d8315c4055beb90208fb1be23b894bc2ed5d0",
          "58a0e5f6faefccf4807bff1f05fa8a9217945762040bcec2f4b4a62bdfe0e86e",
          "0ce6ea98ec548f8e281e93e32db65621c45eb18dc6f0a7ad94178610a2f7338e"}},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        /* HMAC pads its key with zeros to a block, so a short key is a long one that ends in zeros. */
        uint8_t key[WG_HASH_LEN] = {0}, t[3][WG_HASH_LEN];

        memcpy(key, cases[i].text, strlen(cases[i].text));
        for (unsigned outputs = 1; outputs <= 3; outputs++) {
            memset(t, 0, sizeof t);
            wg_kdf(t[0], outputs > 1 ? t[1] : NULL, outputs > 2 ? t[2] : NULL, key, cases[i].more,
                   strlen(cases[i].more));
            for (unsigned n = 0; n < outputs; n++)
                assert_hex(t[n], WG_HASH_LEN, cases[i].t[n]);
        }
    }
}

/* RFC 8439, appendix A.5, whose nonce is of the form that WireGuard has: 32 bits of zero and a counter. */
static void
chacha20_poly1305_is_that_of_rfc_8439(gconstpointer library)
{
    static const char text[] =
        "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, "
        "replaced, or obsoleted by other documents at any time. It is inappropriate to use "
        "Internet-Drafts as reference material or to cite them other than as "
        "/\342\200\234work in progress./\342\200\235";
    static const char sealed[] =
        "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e38"
        "2d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f9"
        "82b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d"
        "46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04"
        "b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049"
        "e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d6789"
        "0cbb22392336fea1851f38";
    const uint64_t counter = UINT64_C(0x0807060504030201);
    g_autofree uint8_t *key =
        unhex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0", NULL);
    g_autofree uint8_t *ad = unhex("f33388860000000000004e91", NULL);
    size_t len = sizeof text - 1;
    uint8_t buffer[512];
    struct wg_aead *aead;

    if (wg_aead_new_by(GPOINTER_TO_UINT(library), &aead) == -ENOTSUP) {
        g_test_message("not on this machine");
        return;
    }
    wg_aead_set_key(aead, key, 1, len);
    memcpy(buffer, text, len);
    g_assert_cmpint(wg_aead_encrypt(aead, counter, ad, 12, buffer, len), ==, 0);
    assert_hex(buffer, len + WG_TAG_LEN, sealed);
    g_assert_cmpint(wg_aead_decrypt(aead, counter, ad, 12, buffer, len), ==, 0);
    g_assert_cmpmem(buffer, len, text, len);

    /* Any bit of text, tag, data or counter that is wrong shows. */
    for (size_t bit = 0; bit < (len + WG_TAG_LEN) * 8; bit += 37) {
        g_autofree uint8_t *copy = unhex(sealed, NULL);

        copy[bit / 8] ^= 1 << bit % 8;
        g_assert_cmpint(wg_aead_decrypt(aead, counter, ad, 12, copy, len), ==, -EBADMSG);
    }
    memcpy(buffer, text, len);
    g_assert_cmpint(wg_aead_encrypt(aead, counter, ad, 12, buffer, len), ==, 0);
    g_assert_cmpint(wg_aead_decrypt(aead, counter + 1, ad, 12, buffer, len), ==, -EBADMSG);
    g_assert_cmpint(wg_aead_encrypt(aead, counter, ad, 12, buffer, len), ==, 0);
    g_assert_cmpint(wg_aead_decrypt(aead, counter, ad, 11, buffer, len), ==, -EBADMSG);

    /* Once forgotten, the key is not there. */
    memcpy(buffer, text, len);
    wg_aead_forget_key(aead);
    g_assert_cmpint(wg_aead_encrypt(aead, counter, ad, 12, buffer, len), ==, 0);
    wg_aead_set_key(aead, key, 1, len);
    g_assert_cmpint(wg_aead_decrypt(aead, counter, ad, 12, buffer, len), ==, -EBADMSG);
    wg_aead_free(aead);
}

/* The length decides which way through the code a library takes, so all of them are tried, against
 * libsodium. */
static void
chacha20_poly1305_is_the_same_at_every_length(gconstpointer library)
{
    enum { LONGEST = 2100 };
    static uint8_t text[LONGEST], ours[LONGEST + WG_TAG_LEN], theirs[LONGEST + WG_TAG_LEN];
    uint8_t key[WG_KEY_LEN];
    struct wg_aead *aead;

    if (wg_aead_new_by(GPOINTER_TO_UINT(library), &aead) == -ENOTSUP) {
        g_test_message("not on this machine");
        return;
    }
    wg_random_system(NULL, key, sizeof key);
    wg_random_system(NULL, text, sizeof text);
    wg_aead_set_key(aead, key, 1, 0);
    for (size_t len = 0; len <= LONGEST; len++) {
        const uint64_t counter = UINT64_C(0x100000000) * len + len;
        uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = {0};

        memcpy(nonce + 4, &(uint64_t){htole64(counter)}, sizeof counter);
        crypto_aead_chacha20poly1305_ietf_encrypt(theirs, NULL, text, len, NULL, 0, NULL, nonce,
                                                  key);
        memcpy(ours, text, len);
        g_assert_cmpint(wg_aead_encrypt(aead, counter, NULL, 0, ours, len), ==, 0);
        g_assert_cmpmem(ours, len + WG_TAG_LEN, theirs, len + WG_TAG_LEN);
        g_assert_cmpint(wg_aead_decrypt(aead, counter, NULL, 0, ours, len), ==, 0);
        g_assert_cmpmem(ours, len, text, len);
        theirs[len * 7 % (len + WG_TAG_LEN)] ^= 0x10;
        g_assert_cmpint(wg_aead_decrypt(aead, counter, NULL, 0, theirs, len), ==, -EBADMSG);
    }
    wg_aead_free(aead);
}

/* Which library sealed it is nobody's business. */
static void
one_alone_is_sealed_as_one_of_many(void)
{
    uint8_t key[WG_KEY_LEN], alone[300 + WG_TAG_LEN], of_many[sizeof alone];
    struct wg_aead *aead;

    wg_random_system(NULL, key, sizeof key);
    g_assert_cmpint(wg_aead_new(&aead), ==, 0);
    for (size_t len = 0; len <= 300; len++) {
        memset(alone, 'a', len);
        memset(of_many, 'a', len);
        wg_aead_set_key(aead, key, 1, len);
        g_assert_cmpint(wg_aead_encrypt(aead, len, NULL, 0, alone, len), ==, 0);
        wg_aead_forget_key(aead);
        wg_aead_set_key(aead, key, 2, len);
        g_assert_cmpint(wg_aead_encrypt(aead, len, NULL, 0, of_many, len), ==, 0);
        g_assert_cmpmem(alone, len + WG_TAG_LEN, of_many, len + WG_TAG_LEN);
        g_assert_cmpint(wg_aead_decrypt(aead, len, NULL, 0, alone, len), ==, 0);
        wg_aead_forget_key(aead);
        wg_aead_set_key(aead, key, 1, len);
        g_assert_cmpint(wg_aead_decrypt(aead, len, NULL, 0, of_many, len), ==, 0);
        wg_aead_forget_key(aead);
    }
    wg_aead_free(aead);
}

/* draft-irtf-cfrg-xchacha-03, appendix A.3.1. */
static void
xchacha20_poly1305_is_that_of_its_draft(void)
{
    static const char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you "
                               "only one tip for the future, sunscreen would be it.";
    g_autofree uint8_t *key =
        unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", NULL);
    g_autofree uint8_t *nonce = unhex("404142434445464748494a4b4c4d4e4f5051525354555657", NULL);
    g_autofree uint8_t *ad = unhex("50515253c0c1c2c3c4c5c6c7", NULL);
    uint8_t sealed[sizeof text + WG_TAG_LEN], opened[sizeof text];
    size_t len = sizeof text - 1;

    wg_xaead_encrypt(sealed, (const uint8_t *)text, len, ad, 12, nonce, key);
    assert_hex(
        sealed, len + WG_TAG_LEN,
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a8"
        "2f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369"
        "488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf"
        "49");
    g_assert_cmpint(wg_xaead_decrypt(opened, sealed, len, ad, 12, nonce, key), ==, 0);
    g_assert_cmpmem(opened, len, text, len);
    sealed[0] ^= 1;
    g_assert_cmpint(wg_xaead_decrypt(opened, sealed, len, ad, 12, nonce, key), ==, -EBADMSG);
}

static void
x25519_is_that_of_rfc_7748(void)
{
    static const char *const cases[][3] = {
        {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
        {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    };
    uint8_t shared[WG_KEY_LEN], k[WG_KEY_LEN] = {9}, u[WG_KEY_LEN] = {9};

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree uint8_t *scalar = unhex(cases[i][0], NULL);
        g_autofree uint8_t *point = unhex(cases[i][1], NULL);

        g_assert_cmpint(wg_x25519(shared, scalar, point), ==, 0);
        assert_hex(shared, sizeof shared, cases[i][2]);
    }
    for (unsigned i = 0; i < 1000; i++) {
        g_assert_cmpint(wg_x25519(shared, k, u), ==, 0);
        memcpy(u, k, sizeof u);
        memcpy(k, shared, sizeof k);
        if (i == 0)
            assert_hex(k, sizeof k,
                       "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
    assert_hex(k, sizeof k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");

    /* Section 6.1 */
    g_autofree uint8_t *alice =
        unhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", NULL);
    wg_x25519_public(shared, alice);
    assert_hex(shared, sizeof shared,
               "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
}

/* All points whose order divides 8, and their non-canonical forms: https://cr.yp.to/ecdh.html#validate */
static void
low_order_points_are_rejected(void)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    uint8_t private_key[WG_KEY_LEN], shared[WG_KEY_LEN] = {1};

    wg_random_system(NULL, private_key, sizeof private_key);
    for (unsigned i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autofree uint8_t *point = unhex(points[i], NULL);

        g_assert_cmpint(wg_x25519(shared, private_key, point), ==, -EKEYREJECTED);
        g_assert_cmpuint(shared[0], ==, 1);
    }
}

/* RFC 7748, 5: the top bit is nothing, and what is not below p is taken modulo p. */
static void
points_in_other_forms_are_the_same_points(void)
{
    static const char *const nine[] = {
        "0900000000000000000000000000000000000000000000000000000000000080",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    uint8_t private_key[WG_KEY_LEN], public_key[WG_KEY_LEN], shared[WG_KEY_LEN];

    wg_random_system(NULL, private_key, sizeof private_key);
    wg_x25519_clamp(private_key);
    wg_x25519_public(public_key, private_key);
    for (size_t i = 0; i < G_N_ELEMENTS(nine); i++) {
        g_autofree uint8_t *point = unhex(nine[i], NULL);

        g_assert_cmpint(wg_x25519(shared, private_key, point), ==, 0);
        g_assert_cmpmem(shared, sizeof shared, public_key, sizeof public_key);
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        enum wg_aead_library library;
    } libraries[] = {
        {"libgcrypt", WG_AEAD_GCRYPT},
        {"ipsec-mb", WG_AEAD_IPSEC_MB},
        {"Nettle", WG_AEAD_NETTLE},
    };

    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(wg_init(), ==, 0);
    g_test_add_func("/blake2s-is-that-of-rfc-7693", blake2s_is_that_of_rfc_7693);
    g_test_add_func("/keyed-blake2s-is-that-of-its-authors", keyed_blake2s_is_that_of_its_authors);
    g_test_add_func("/kdf-is-that-of-wireguard", kdf_is_that_of_wireguard);
    for (size_t i = 0; i < G_N_ELEMENTS(libraries); i++) {
        g_autofree char *vector =
            g_strdup_printf("/chacha20-poly1305-is-that-of-rfc-8439/%s", libraries[i].name);
        g_autofree char *length =
            g_strdup_printf("/chacha20-poly1305-is-the-same-at-every-length/%s", libraries[i].name);

        g_test_add_data_func(vector, GUINT_TO_POINTER(libraries[i].library),
                             chacha20_poly1305_is_that_of_rfc_8439);
        g_test_add_data_func(length, GUINT_TO_POINTER(libraries[i].library),
                             chacha20_poly1305_is_the_same_at_every_length);
    }
    g_test_add_func("/one-alone-is-sealed-as-one-of-many", one_alone_is_sealed_as_one_of_many);
    g_test_add_func("/xchacha20-poly1305-is-that-of-its-draft",
                    xchacha20_poly1305_is_that_of_its_draft);
    g_test_add_func("/x25519-is-that-of-rfc-7748", x25519_is_that_of_rfc_7748);
    g_test_add_func("/low-order-points-are-rejected", low_order_points_are_rejected);
    g_test_add_func("/points-in-other-forms-are-the-same-points",
                    points_in_other_forms_are_the_same_points);
    return g_test_run();
}
