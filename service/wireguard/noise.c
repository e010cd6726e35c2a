/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/noise.h"

#include <errno.h>

/* The comments name the tokens of the handshake pattern:
 *
 *      <- s
 *      ...
 *      -> e, es, s, ss, {t}
 *      <- e, ee, se, psk, {}
 */

static const char construction[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
static const char identifier[] = "WireGuard v1 zx2c4 Jason@zx2c4.com";

/* What a message is worked on with, wiped on the way out of each function; a handshake takes it over only
 * once the message proved right. */
struct symmetric {
    uint8_t hash[WG_HASH_LEN];
    uint8_t chaining_key[WG_HASH_LEN];
    uint8_t key[WG_KEY_LEN];
    uint8_t dh[WG_KEY_LEN];
};

static void
mix_hash(struct symmetric *s, const void *data, size_t len)
{
    wg_hash(s->hash, s->hash, WG_HASH_LEN, data, len);
}

static void
symmetric_init(struct symmetric *s, const uint8_t responder_static[WG_KEY_LEN])
{
    wg_hash(s->chaining_key, construction, strlen(construction), NULL, 0);
    wg_hash(s->hash, s->chaining_key, WG_HASH_LEN, identifier, strlen(identifier));
    mix_hash(s, responder_static, WG_KEY_LEN);
}

static void
mix_key(struct symmetric *s, const uint8_t input[WG_KEY_LEN])
{
    wg_kdf(s->chaining_key, s->key, NULL, s->chaining_key, input, WG_KEY_LEN);
}

static int
mix_dh(struct symmetric *s,
       const uint8_t private_key[WG_KEY_LEN],
       const uint8_t public_key[WG_KEY_LEN])
{
    int r = wg_x25519(s->dh, private_key, public_key);

    if (r == 0)
        mix_key(s, s->dh);
    return r;
}

/* The static keys' secret was computed when they were set: zero is how a low-order key shows. */
static int
mix_static_static(struct symmetric *s, const struct wg_handshake *handshake)
{
    if (wg_is_zero(handshake->static_static, WG_KEY_LEN))
        return -EKEYREJECTED;
    mix_key(s, handshake->static_static);
    return 0;
}

static void
mix_psk(struct symmetric *s, const uint8_t psk[WG_KEY_LEN])
{
    uint8_t tau[WG_HASH_LEN];

    wg_kdf(s->chaining_key, tau, s->key, s->chaining_key, psk, WG_KEY_LEN);
    mix_hash(s, tau, sizeof tau);
    wg_wipe(tau, sizeof tau);
}

static void
mix_ephemeral(struct symmetric *s, const uint8_t ephemeral[WG_KEY_LEN])
{
    mix_hash(s, ephemeral, WG_KEY_LEN);
    wg_kdf(s->chaining_key, NULL, NULL, s->chaining_key, ephemeral, WG_KEY_LEN);
}

/* ret has room for len and the tag. */
static int
encrypt_and_hash(
    struct symmetric *s, struct wg_aead *aead, uint8_t *ret, const void *text, size_t len)
{
    int r;

    if (len > 0)
        memmove(ret, text, len);
    wg_aead_set_key(aead, s->key, 1, len);
    r = wg_aead_encrypt(aead, 0, s->hash, WG_HASH_LEN, ret, len);
    wg_aead_forget_key(aead);
    if (r == 0)
        mix_hash(s, ret, len + WG_TAG_LEN);
    return r;
}

/* ret has room for len and the tag; sealed is len and the tag long. */
static int
decrypt_and_hash(
    struct symmetric *s, struct wg_aead *aead, uint8_t *ret, const uint8_t *sealed, size_t len)
{
    int r;

    memcpy(ret, sealed, len + WG_TAG_LEN);
    wg_aead_set_key(aead, s->key, 1, len);
    r = wg_aead_decrypt(aead, 0, s->hash, WG_HASH_LEN, ret, len);
    wg_aead_forget_key(aead);
    if (r == 0)
        mix_hash(s, sealed, len + WG_TAG_LEN);
    return r;
}

static void
new_ephemeral(const struct wg_local *local,
              uint8_t ret_private[WG_KEY_LEN],
              uint8_t ret_public[WG_KEY_LEN])
{
    local->random.fill(local->random.context, ret_private, WG_KEY_LEN);
    wg_x25519_clamp(ret_private);
    wg_x25519_public(ret_public, ret_private);
}

static void
commit(struct wg_handshake *handshake, const struct symmetric *s, enum wg_handshake_state state)
{
    memcpy(handshake->hash, s->hash, WG_HASH_LEN);
    memcpy(handshake->chaining_key, s->chaining_key, WG_HASH_LEN);
    handshake->state = state;
}

void
wg_noise_timestamp(uint8_t ret[WG_TIMESTAMP_LEN], uint64_t real)
{
    uint64_t seconds = htobe64(UINT64_C(0x400000000000000a) + real / WG_SECOND);
    uint32_t nanoseconds =
        htobe32((uint32_t)(real % WG_SECOND / WG_TIMESTAMP_STEP * WG_TIMESTAMP_STEP));

    memcpy(ret, &seconds, sizeof seconds);
    memcpy(ret + sizeof seconds, &nanoseconds, sizeof nanoseconds);
}

void
wg_noise_clear(struct wg_handshake *handshake)
{
    wg_wipe(handshake->ephemeral_private, WG_KEY_LEN);
    wg_wipe(handshake->remote_ephemeral, WG_KEY_LEN);
    wg_wipe(handshake->hash, WG_HASH_LEN);
    wg_wipe(handshake->chaining_key, WG_HASH_LEN);
    handshake->remote_index = 0;
    handshake->state = WG_HANDSHAKE_ZEROED;
}

void
wg_noise_precompute(struct wg_handshake *handshake, const struct wg_local *local)
{
    wg_noise_clear(handshake);
    if (!local->identity || wg_x25519(handshake->static_static, local->identity->private_key,
                                      handshake->remote_static) < 0)
        wg_wipe(handshake->static_static, WG_KEY_LEN);
}

int
wg_noise_create_initiation(struct wg_handshake *handshake,
                           const struct wg_local *local,
                           struct wg_time now,
                           uint32_t sender,
                           struct wg_initiation *message)
{
    uint8_t ephemeral_private[WG_KEY_LEN], timestamp[WG_TIMESTAMP_LEN];
    struct symmetric s;
    int r;

    if (!local->identity)
        return -ENOKEY;
    /* The peer takes only ever greater timestamps: a clock that was set back must not show. */
    if (now.real < handshake->last_timestamp + WG_TIMESTAMP_STEP)
        now.real = handshake->last_timestamp + WG_TIMESTAMP_STEP;

    message->type = htole32(WG_MESSAGE_INITIATION);
    message->sender = htole32(sender);
    symmetric_init(&s, handshake->remote_static);

    /* e */
    new_ephemeral(local, ephemeral_private, message->ephemeral);
    mix_ephemeral(&s, message->ephemeral);

    /* es */
    r = mix_dh(&s, ephemeral_private, handshake->remote_static);
    if (r < 0)
        goto out;

    /* s */
    r = encrypt_and_hash(&s, local->aead, message->encrypted_static, local->identity->public_key,
                         WG_KEY_LEN);
    if (r < 0)
        goto out;

    /* ss */
    r = mix_static_static(&s, handshake);
    if (r < 0)
        goto out;

    /* {t} */
    wg_noise_timestamp(timestamp, now.real);
    r = encrypt_and_hash(&s, local->aead, message->encrypted_timestamp, timestamp,
                         sizeof timestamp);
    if (r < 0)
        goto out;

    memcpy(handshake->ephemeral_private, ephemeral_private, WG_KEY_LEN);
    handshake->last_timestamp = now.real;
    commit(handshake, &s, WG_HANDSHAKE_CREATED_INITIATION);
out:
    wg_wipe(ephemeral_private, sizeof ephemeral_private);
    wg_wipe(&s, sizeof s);
    return r;
}

int
wg_noise_read_initiation(const struct wg_local *local,
                         const struct wg_initiation *message,
                         struct wg_initiation_draft *ret_draft)
{
    uint8_t remote_static[WG_KEY_LEN + WG_TAG_LEN];
    struct symmetric s;

    if (!local->identity)
        return -ENOKEY;
    symmetric_init(&s, local->identity->public_key);

    /* e */
    mix_ephemeral(&s, message->ephemeral);

    /* es, s */
    if (mix_dh(&s, local->identity->private_key, message->ephemeral) < 0 ||
        decrypt_and_hash(&s, local->aead, remote_static, message->encrypted_static, WG_KEY_LEN) <
            0) {
        wg_wipe(&s, sizeof s);
        return -EBADMSG;
    }
    memcpy(ret_draft->remote_static, remote_static, WG_KEY_LEN);
    memcpy(ret_draft->remote_ephemeral, message->ephemeral, WG_KEY_LEN);
    memcpy(ret_draft->hash, s.hash, WG_HASH_LEN);
    memcpy(ret_draft->chaining_key, s.chaining_key, WG_HASH_LEN);
    wg_wipe(&s, sizeof s);
    return 0;
}

int
wg_noise_consume_initiation(struct wg_handshake *handshake,
                            const struct wg_local *local,
                            struct wg_time now,
                            const struct wg_initiation_draft *draft,
                            const struct wg_initiation *message)
{
    uint8_t timestamp[WG_TIMESTAMP_LEN + WG_TAG_LEN];
    struct symmetric s;
    int r;

    memcpy(s.hash, draft->hash, WG_HASH_LEN);
    memcpy(s.chaining_key, draft->chaining_key, WG_HASH_LEN);

    /* ss, {t} */
    r = mix_static_static(&s, handshake);
    if (r == 0)
        r = decrypt_and_hash(&s, local->aead, timestamp, message->encrypted_timestamp,
                             WG_TIMESTAMP_LEN);
    if (r < 0) {
        r = -EBADMSG;
        goto out;
    }
    if (memcmp(timestamp, handshake->latest_timestamp, WG_TIMESTAMP_LEN) <= 0 ||
        (handshake->last_consumed &&
         now.mono < handshake->last_consumed + WG_SECOND / WG_INITIATIONS_PER_SECOND)) {
        r = -EALREADY;
        goto out;
    }

    memcpy(handshake->latest_timestamp, timestamp, WG_TIMESTAMP_LEN);
    memcpy(handshake->remote_ephemeral, draft->remote_ephemeral, WG_KEY_LEN);
    handshake->remote_index = le32toh(message->sender);
    handshake->last_consumed = now.mono;
    commit(handshake, &s, WG_HANDSHAKE_CONSUMED_INITIATION);
out:
    wg_wipe(&s, sizeof s);
    return r;
}

int
wg_noise_create_response(struct wg_handshake *handshake,
                         const struct wg_local *local,
                         uint32_t sender,
                         struct wg_response *message)
{
    uint8_t ephemeral_private[WG_KEY_LEN];
    struct symmetric s;
    int r;

    if (handshake->state != WG_HANDSHAKE_CONSUMED_INITIATION)
        return -ENOENT;
    message->type = htole32(WG_MESSAGE_RESPONSE);
    message->sender = htole32(sender);
    message->receiver = htole32(handshake->remote_index);
    memcpy(s.hash, handshake->hash, WG_HASH_LEN);
    memcpy(s.chaining_key, handshake->chaining_key, WG_HASH_LEN);

    /* e */
    new_ephemeral(local, ephemeral_private, message->ephemeral);
    mix_ephemeral(&s, message->ephemeral);

    /* ee */
    r = mix_dh(&s, ephemeral_private, handshake->remote_ephemeral);
    if (r < 0)
        goto out;

    /* se */
    r = mix_dh(&s, ephemeral_private, handshake->remote_static);
    if (r < 0)
        goto out;

    /* psk */
    mix_psk(&s, handshake->preshared_key);

    /* {} */
    r = encrypt_and_hash(&s, local->aead, message->encrypted_nothing, NULL, 0);
    if (r < 0)
        goto out;

    commit(handshake, &s, WG_HANDSHAKE_CREATED_RESPONSE);
out:
    wg_wipe(ephemeral_private, sizeof ephemeral_private);
    wg_wipe(&s, sizeof s);
    return r;
}

int
wg_noise_consume_response(struct wg_handshake *handshake,
                          const struct wg_local *local,
                          const struct wg_response *message)
{
    uint8_t nothing[WG_TAG_LEN];
    struct symmetric s;
    int r = -EBADMSG;

    if (handshake->state != WG_HANDSHAKE_CREATED_INITIATION)
        return -ENOENT;
    if (!local->identity)
        return -ENOKEY;
    memcpy(s.hash, handshake->hash, WG_HASH_LEN);
    memcpy(s.chaining_key, handshake->chaining_key, WG_HASH_LEN);

    /* e */
    mix_ephemeral(&s, message->ephemeral);

    /* ee */
    if (mix_dh(&s, handshake->ephemeral_private, message->ephemeral) < 0)
        goto out;

    /* se */
    if (mix_dh(&s, local->identity->private_key, message->ephemeral) < 0)
        goto out;

    /* psk */
    mix_psk(&s, handshake->preshared_key);

    /* {} */
    if (decrypt_and_hash(&s, local->aead, nothing, message->encrypted_nothing, 0) < 0)
        goto out;

    memcpy(handshake->remote_ephemeral, message->ephemeral, WG_KEY_LEN);
    handshake->remote_index = le32toh(message->sender);
    commit(handshake, &s, WG_HANDSHAKE_CONSUMED_RESPONSE);
    r = 0;
out:
    wg_wipe(&s, sizeof s);
    return r;
}

int
wg_noise_derive_keys(struct wg_handshake *handshake,
                     struct wg_keys *ret_keys,
                     bool *ret_is_initiator)
{
    bool is_initiator = handshake->state == WG_HANDSHAKE_CONSUMED_RESPONSE;

    if (!is_initiator && handshake->state != WG_HANDSHAKE_CREATED_RESPONSE)
        return -ENOENT;
    if (is_initiator)
        wg_kdf(ret_keys->sending, ret_keys->receiving, NULL, handshake->chaining_key, NULL, 0);
    else
        wg_kdf(ret_keys->receiving, ret_keys->sending, NULL, handshake->chaining_key, NULL, 0);
    *ret_is_initiator = is_initiator;
    wg_noise_clear(handshake);
    return 0;
}
