/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hex.h"
#include "wireguard/device-private.h"

/* Our protocol against transcript.py, which shares no code and no library with it: byte for byte with
 * fixed keys, and in conversation with random ones. */

static const char *python, *program, *vectors; /* the arguments */

/* One device with one peer, 10.0.N.0/24 being the device of number N. */
struct end {
    struct wg_device *device;
    struct wg_aead *aead;
    struct wg_peer *peer;
    struct wg_endpoint there;
    uint32_t numbers[8]; /* what randomness answers when asked for 4 bytes */
    unsigned next_number;
    const uint8_t *secrets[8]; /* for 24 or 32 bytes */
    unsigned next_secret;
};

static void
scripted(void *context, void *buffer, size_t len)
{
    struct end *end = context;

    if (len == sizeof(uint32_t))
        memcpy(buffer, &end->numbers[end->next_number++], len);
    else if (len == 16)
        memset(buffer, 0, len); /* the key of hash tables */
    else
        memcpy(buffer, end->secrets[end->next_secret++], len);
}

static void
end_init(struct end *end,
         unsigned number,
         const struct wg_random *random,
         const uint8_t *private_key,
         const uint8_t *remote_private,
         const uint8_t *psk)
{
    const uint8_t inner[4] = {10, 0, !number};
    uint8_t remote[WG_KEY_LEN];

    wg_x25519_public(remote, remote_private);
    g_assert_cmpint(wg_aead_new(&end->aead), ==, 0);
    g_assert_cmpint(wg_device_new(random, &end->device), ==, 0);
    g_assert_cmpint(wg_device_set_private_key(end->device, private_key), ==, 0);
    g_assert_cmpint(wg_device_add_peer(end->device, remote, &end->peer), ==, 0);
    end->there.in4 = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(51820),
        .sin_addr.s_addr = htonl(0xc0000200 + !number),
    };
    wg_peer_set_endpoint(end->peer, &end->there);
    wg_peer_set_preshared_key(end->peer, psk);
    g_assert_cmpint(wg_peer_add_allowed_ip(end->peer, AF_INET, inner, 24), ==, 0);
}

static void
end_clear(struct end *end)
{
    wg_device_free(end->device);
    wg_aead_free(end->aead);
}

static struct wg_time
at(uint64_t nanoseconds)
{
    return (struct wg_time){
        .mono = 1000 * WG_SECOND + nanoseconds,
        .real = 1700000000 * WG_SECOND + 123456789 + nanoseconds,
    };
}

/* The one message in the outbox, as hexadecimal digits; owned by the caller. */
static char *
only_message(struct end *end)
{
    struct wg_message *message = wg_device_take_messages(end->device);
    char *hex;

    g_assert_nonnull(message);
    g_assert_null(message->next);
    g_assert_true(wg_endpoint_equal(&message->endpoint, &end->there));
    hex = tohex(message->data, message->len);
    wg_message_free(message);
    return hex;
}

static void
handle(struct end *end, uint64_t when, const char *hex, int expected)
{
    size_t len;
    g_autofree uint8_t *data = unhex(hex, &len);

    g_assert_cmpint(wg_device_handle_message(end->device, at(when), &end->there, data, len), ==,
                    expected);
}

/* What a transport message holds; NULL: nothing to deliver. */
static char *
receive(struct end *end, uint64_t when, const char *hex)
{
    struct wg_packet packet = {0};
    struct wg_inbound inbound;
    g_autofree uint8_t *data = unhex(hex, &packet.len);

    packet.data = data;
    g_assert_cmpint(wg_message_type(data, packet.len), ==, WG_MESSAGE_TRANSPORT);
    g_assert_cmpint(wg_device_claim(end->device, at(when), wg_transport_receiver(data), &inbound),
                    ==, 0);
    wg_open(end->aead, &inbound, &packet, 1);
    wg_device_received(end->device, at(when), &inbound, &end->there, &packet, 1);
    g_assert_cmpint(packet.verdict, >=, 0);
    return packet.verdict > 0 ? tohex(data + WG_TRANSPORT_HEADER, packet.verdict) : NULL;
}

static char *
transmit(struct end *end, uint64_t when, const char *inner)
{
    uint8_t buffer[256];
    struct wg_packet packet = {.data = buffer};
    struct wg_outbound outbound;
    g_autofree uint8_t *bytes = unhex(inner, &packet.len);

    memcpy(buffer + WG_TRANSPORT_HEADER, bytes, packet.len);
    g_assert_cmpint(wg_device_reserve(end->device, at(when), bytes, packet.len, 1, &outbound), ==,
                    0);
    g_assert_cmpint(wg_seal(end->aead, &outbound, 0, 1420, &packet, 1), ==, 0);
    wg_device_sent(end->device, at(when), &outbound, packet.len);
    return tohex(buffer, packet.len);
}

/* ---- Fixed keys ---- */

static GHashTable *
read_vectors(void)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(vectors, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
    for (char **line = lines; *line; line++) {
        char *space = strchr(*line, ' ');

        if (space && **line != '#')
            g_hash_table_insert(table, g_strndup(*line, space - *line), g_strdup(space + 1));
    }
    return table;
}

static const char *
get(GHashTable *table, const char *prefix, const char *name)
{
    g_autofree char *key = g_strconcat(prefix, "-", name, NULL);
    const char *value = g_hash_table_lookup(table, key);

    g_assert_nonnull(value);
    return value;
}

static void
a_conversation_is_byte_for_byte_that_of_the_other_implementation(void)
{
    static const char *const prefixes[] = {"none", "some"};
    g_autoptr(GHashTable) table = read_vectors();

    for (unsigned i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        const char *prefix = prefixes[i];
        g_autofree uint8_t *alice_private = unhex(get(table, prefix, "alice-private"), NULL);
        g_autofree uint8_t *bob_private = unhex(get(table, prefix, "bob-private"), NULL);
        g_autofree uint8_t *psk = unhex(get(table, prefix, "psk"), NULL);
        const char *inner = get(table, prefix, "packet");
        uint8_t e[3][WG_KEY_LEN];

        wg_hash(e[0], "e1", 2, NULL, 0);
        wg_hash(e[1], "e2", 2, NULL, 0);
        wg_hash(e[2], "e3", 2, NULL, 0);
        struct end alice = {.numbers = {0x11223344, 1}, .secrets = {e[0]}};
        struct end bob = {.numbers = {0x55667788}, .secrets = {e[1]}};

        end_init(&alice, 0, &(struct wg_random){scripted, &alice}, alice_private, bob_private, psk);
        end_init(&bob, 1, &(struct wg_random){scripted, &bob}, bob_private, alice_private, psk);

        wg_peer_set_persistent_keepalive(alice.peer, 3600);
        wg_peer_apply(alice.peer, at(0));
        g_autofree char *initiation = only_message(&alice);
        g_assert_cmpstr(initiation, ==, get(table, prefix, "initiation"));

        handle(&bob, 0, initiation, 0);
        g_autofree char *response = only_message(&bob);
        g_assert_cmpstr(response, ==, get(table, prefix, "response"));

        handle(&alice, 0, response, 0);
        g_autofree char *keepalive = only_message(&alice);
        g_assert_cmpstr(keepalive, ==, get(table, prefix, "keepalive"));

        g_assert_null(receive(&bob, 0, keepalive));
        g_autofree char *data = transmit(&bob, 0, inner);
        g_assert_cmpstr(data, ==, get(table, prefix, "data"));
        g_autofree char *received = receive(&alice, 0, data);
        g_assert_cmpstr(received, ==, inner);
        end_clear(&alice);
        end_clear(&bob);
    }
}

static void
a_cookie_is_byte_for_byte_that_of_the_other_implementation(void)
{
    g_autoptr(GHashTable) table = read_vectors();
    g_autofree uint8_t *alice_private = unhex(get(table, "some", "alice-private"), NULL);
    g_autofree uint8_t *bob_private = unhex(get(table, "some", "bob-private"), NULL);
    g_autofree uint8_t *psk = unhex(get(table, "some", "psk"), NULL);
    uint8_t e1[WG_KEY_LEN], e3[WG_KEY_LEN], secret[WG_KEY_LEN], nonce[WG_KEY_LEN];

    wg_hash(e1, "e1", 2, NULL, 0);
    wg_hash(e3, "e3", 2, NULL, 0);
    wg_hash(secret, "secret", 6, NULL, 0);
    wg_hash(nonce, "nonce", 5, NULL, 0);
    struct end alice = {.numbers = {0x11223344, 1, 0x99aabbcc, 1}, .secrets = {e1, e3}};
    struct end bob = {.secrets = {secret, nonce}};

    end_init(&alice, 0, &(struct wg_random){scripted, &alice}, alice_private, bob_private, psk);
    end_init(&bob, 1, &(struct wg_random){scripted, &bob}, bob_private, alice_private, psk);
    bob.device->under_load_until = UINT64_MAX;

    wg_peer_set_persistent_keepalive(alice.peer, 3600);
    wg_peer_apply(alice.peer, at(0));
    g_autofree char *initiation = only_message(&alice);
    handle(&bob, 0, initiation, -EBUSY);
    g_autofree char *reply = only_message(&bob);
    g_assert_cmpstr(reply, ==, get(table, "some", "cookie-reply"));

    handle(&alice, 0, reply, 0);
    wg_device_run_timers(alice.device, at(5 * WG_SECOND + 276543211));
    g_autofree char *again = only_message(&alice);
    g_assert_cmpstr(again, ==, get(table, "some", "initiation-with-cookie"));
    end_clear(&alice);
    end_clear(&bob);
}

static void
the_vectors_are_what_the_other_implementation_prints(void)
{
    const char *argv[] = {python, program, NULL};
    g_autofree char *printed = NULL, *stored = NULL;
    g_autoptr(GError) error = NULL;

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &printed, NULL, NULL,
                 &error);
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(vectors, &stored, NULL, NULL));
    g_assert_cmpstr(printed, ==, stored);
}

/* ---- Random keys, both ends at once ---- */

struct other {
    GPid pid;
    FILE *in, *out;
};

static void
other_start(struct other *other)
{
    const char *argv[] = {python, program, "--live", NULL};
    g_autoptr(GError) error = NULL;
    int in, out;

    g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                             &other->pid, &in, &out, NULL, &error);
    g_assert_no_error(error);
    other->in = fdopen(in, "w");
    other->out = fdopen(out, "r");
}

static void
other_stop(struct other *other)
{
    int status;

    fclose(other->in);
    fclose(other->out);
    g_assert_cmpint(waitpid(other->pid, &status, 0), ==, other->pid);
    g_assert_cmpint(status, ==, 0);
}

/* Ask, and expect an answer of this kind, whose bytes are returned. */
static char *
ask(struct other *other, const char *kind, const char *command, const char *argument)
{
    g_autofree char *line = NULL;
    size_t size = 0;
    char *space;

    fprintf(other->in, "%s %s\n", command, argument);
    fflush(other->in);
    g_assert_cmpint(getline(&line, &size, other->out), >, 0);
    g_strchomp(line);
    space = strchr(line, ' ');
    if (space)
        *space = '\0';
    g_assert_cmpstr(line, ==, kind);
    return g_strdup(space ? space + 1 : "");
}

/* Ask, and expect just this. */
static void
expect(struct other *other, const char *kind, const char *command, const char *argument)
{
    g_free(ask(other, kind, command, argument));
}

static void
introduce(struct other *other, struct end *ours, unsigned number)
{
    uint8_t our_private[WG_KEY_LEN], their_private[WG_KEY_LEN], our_public[WG_KEY_LEN],
        psk[WG_KEY_LEN];

    wg_random_system(NULL, our_private, sizeof our_private);
    wg_random_system(NULL, their_private, sizeof their_private);
    wg_random_system(NULL, psk, sizeof psk);
    wg_x25519_public(our_public, our_private);
    g_autofree char *a = tohex(their_private, sizeof their_private);
    g_autofree char *b = tohex(our_public, sizeof our_public);
    g_autofree char *c = tohex(psk, sizeof psk);
    g_autofree char *all = g_strdup_printf("%s %s %s", a, b, c);

    expect(other, "public", "party", all);

    end_init(ours, number, NULL, our_private, their_private, psk);
}

static void
exchange_data(struct other *other, struct end *ours, unsigned number)
{
    static const char to_bob[] = "4500001c00000000000100000a0000010a0001010001020304050607";
    static const char to_alice[] = "4500001c00000000000100000a0001010a0000010706050403020100";
    const char *outward = number == 0 ? to_bob : to_alice;
    const char *inward = number == 0 ? to_alice : to_bob;

    for (unsigned i = 0; i < 5; i++) {
        g_autofree char *sealed = ask(other, "message", "seal", inward);
        g_autofree char *got = receive(ours, 0, sealed);
        g_autofree char *out = transmit(ours, 0, outward);
        g_autofree char *theirs = ask(other, "data", "feed", out);
        g_autofree char *padded = g_strconcat(outward, "00000000", NULL);

        g_assert_cmpstr(got, ==, inward);
        g_assert_cmpstr(theirs, ==, padded);
    }
}

static void
our_initiator_talks_to_the_other_responder(void)
{
    struct other other;

    other_start(&other);
    for (unsigned i = 0; i < 20; i++) {
        struct end ours = {0};

        introduce(&other, &ours, 0);
        wg_peer_set_persistent_keepalive(ours.peer, 3600);
        wg_peer_apply(ours.peer, at(0));
        g_autofree char *initiation = only_message(&ours);
        if (i % 2 == 1) { /* by way of a cookie */
            g_autofree char *arguments = g_strconcat(initiation, " c0000200ca6c", NULL);
            g_autofree char *cookie = ask(&other, "message", "cookie", arguments);

            handle(&ours, 0, cookie, 0);
            wg_device_run_timers(ours.device, at(6 * WG_SECOND));
            g_free(initiation);
            initiation = only_message(&ours);
        }
        g_autofree char *response = ask(&other, "message", "feed", initiation);
        handle(&ours, 6 * WG_SECOND, response, 0);
        g_autofree char *keepalive = only_message(&ours);
        g_autofree char *nothing = ask(&other, "data", "feed", keepalive);
        g_assert_cmpstr(nothing, ==, "");
        exchange_data(&other, &ours, 0);
        end_clear(&ours);
    }
    other_stop(&other);
}

static void
our_responder_talks_to_the_other_initiator(void)
{
    struct other other;

    other_start(&other);
    for (unsigned i = 0; i < 20; i++) {
        struct end ours = {0};

        introduce(&other, &ours, 1);
        g_autofree char *initiation = ask(&other, "message", "initiate", "");
        if (i % 2 == 1) { /* by way of a cookie */
            ours.device->under_load_until = UINT64_MAX;
            handle(&ours, 0, initiation, -EBUSY);
            g_autofree char *cookie = only_message(&ours);

            expect(&other, "ok", "feed", cookie);
            g_free(initiation);
            initiation = ask(&other, "message", "initiate", "");
        }
        handle(&ours, 0, initiation, 0);
        g_autofree char *response = only_message(&ours);
        expect(&other, "ok", "feed", response);
        exchange_data(&other, &ours, 1);
        end_clear(&ours);
    }
    other_stop(&other);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 4);
    python = argv[1];
    program = argv[2];
    vectors = argv[3];
    signal(SIGPIPE, SIG_IGN);
    g_assert_cmpint(wg_init(), ==, 0);
    g_test_add_func("/a-conversation-is-byte-for-byte-that-of-the-other-implementation",
                    a_conversation_is_byte_for_byte_that_of_the_other_implementation);
    g_test_add_func("/a-cookie-is-byte-for-byte-that-of-the-other-implementation",
                    a_cookie_is_byte_for_byte_that_of_the_other_implementation);
    g_test_add_func("/the-vectors-are-what-the-other-implementation-prints",
                    the_vectors_are_what_the_other_implementation_prints);
    g_test_add_func("/our-initiator-talks-to-the-other-responder",
                    our_initiator_talks_to_the_other_responder);
    g_test_add_func("/our-responder-talks-to-the-other-initiator",
                    our_responder_talks_to_the_other_initiator);
    return g_test_run();
}
