/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <errno.h>
#include <glib.h>
#include <net/if.h>

#include "engine/uapi.h"

/* A client speaks lines; what it gets is compared as text. */

#define KEY_A "a8d3e1f0c4b5968778695a4b3c2d1e0f00112233445566778899aabbccddee40"
#define KEY_B "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY_C "2222222222222222222222222222222222222222222222222222222222222222"
#define ZERO  "0000000000000000000000000000000000000000000000000000000000000000"

/* The base point, 9, as nobody writes it: RFC 7748, 5. */
#define NINE_AND_P "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
#define TOP_BIT    "0900000000000000000000000000000000000000000000000000000000000080"

#define PEER(key) "public_key=" key "\npreshared_key=" ZERO "\nprotocol_version=1\n"
#define NEVER     "last_handshake_time_sec=0\nlast_handshake_time_nsec=0\ntx_bytes=0\nrx_bytes=0\n"
#define QUIET     NEVER "persistent_keepalive_interval=0\n"

struct world {
    struct uapi_host host;
    struct uapi uapi;
    struct text answer;
    unsigned locked;
    uint16_t listen_port;
    uint32_t fwmark;
    int refusal; /* of listen_port and fwmark */
};

static void
lock(void *context)
{
    struct world *world = context;

    g_assert_cmpuint(world->locked++, ==, 0);
}

static void
unlock(void *context)
{
    struct world *world = context;
    struct wg_message *message;

    g_assert_cmpuint(world->locked--, ==, 1);
    while ((message = wg_device_take_messages(world->host.device)))
        while (message) {
            struct wg_message *next = message->next;

            wg_message_free(message);
            message = next;
        }
}

static struct wg_time
now(void *context)
{
    return (struct wg_time){.mono = 1000 * WG_SECOND, .real = 1700000000 * WG_SECOND};
}

static uint16_t
get_listen_port(void *context)
{
    return ((struct world *)context)->listen_port;
}

static int
set_listen_port(void *context, uint16_t port)
{
    struct world *world = context;

    if (world->refusal == 0)
        world->listen_port = port;
    return world->refusal;
}

static uint32_t
get_fwmark(void *context)
{
    return ((struct world *)context)->fwmark;
}

static int
set_fwmark(void *context, uint32_t fwmark)
{
    struct world *world = context;

    if (world->refusal == 0)
        world->fwmark = fwmark;
    return world->refusal;
}

static unsigned
get_interface(void *context, const char *name)
{
    return if_nametoindex(name);
}

static struct world *
world_new(enum uapi_access access)
{
    struct world *world = g_new0(struct world, 1);

    g_assert_cmpint(wg_init(), ==, 0);
    world->host = (struct uapi_host){
        .context = world,
        .lock = lock,
        .unlock = unlock,
        .now = now,
        .get_listen_port = get_listen_port,
        .set_listen_port = set_listen_port,
        .get_fwmark = get_fwmark,
        .set_fwmark = set_fwmark,
        .get_interface = get_interface,

    };
    g_assert_cmpint(wg_device_new(NULL, &world->host.device), ==, 0);
    world->uapi = (struct uapi){.host = &world->host, .access = access};
    return world;
}

static void
world_free(struct world *world)
{
    uapi_end(&world->uapi);
    g_assert_cmpuint(world->locked, ==, 0);
    text_clear(&world->answer);
    wg_device_free(world->host.device);
    g_free(world);
}

/* Say something; what is answered. */
static char *
say(struct world *world, const char *request)
{
    g_auto(GStrv) lines = g_strsplit(request, "\n", -1);
    char *answer;

    /* What follows the last newline is no line. */
    for (unsigned i = 0; lines[i] && lines[i + 1]; i++)
        g_assert_cmpint(uapi_line(&world->uapi, lines[i], &world->answer), ==, 0);
    answer = g_strndup(world->answer.data ? world->answer.data : "", world->answer.len);
    text_clear(&world->answer);
    return answer;
}

static void
assert_answer(struct world *world, const char *request, const char *expected)
{
    g_autofree char *answer = say(world, request);

    g_assert_cmpstr(answer, ==, expected);
}

/* ---- What is set is what is got ---- */

static const struct {
    const char *name, *set, *get;
} round_trips[] = {
    {"nothing", "", ""},
    {"private-key-is-clamped", "private_key=" KEY_B "\n",
     "private_key=1011111111111111111111111111111111111111111111111111111111111151\n"},
    {"private-key-removed", "private_key=" KEY_B "\nprivate_key=" ZERO "\n", ""},
    {"fwmark", "fwmark=4294967295\n", "fwmark=4294967295\n"},
    {"fwmark-removed", "fwmark=7\nfwmark=0\n", ""},
    {"peer-in-upper-case",
     "public_key=A8D3E1F0C4B5968778695A4B3C2D1E0F00112233445566778899AABBCCDDEE40\n",
     PEER(KEY_A) QUIET},
    {"two-peers-in-order", "public_key=" KEY_C "\npublic_key=" KEY_B "\n",
     PEER(KEY_C) QUIET PEER(KEY_B) QUIET},
    {"all-of-a-peer",
     "public_key=" KEY_B "\npreshared_key=" KEY_C "\nendpoint=192.0.2.1:51820\n"
     "persistent_keepalive_interval=25\nreplace_allowed_ips=true\nallowed_ip=10.0.0.1/8\n"
     "allowed_ip=2001:db8::1/32\nprotocol_version=1\n",
     "public_key=" KEY_B "\npreshared_key=" KEY_C "\nprotocol_version=1\n"
     "endpoint=192.0.2.1:51820\n" NEVER "persistent_keepalive_interval=25\n"
     "allowed_ip=10.0.0.0/8\nallowed_ip=2001:db8::/32\n"},
    {"endpoint-over-ipv6", "public_key=" KEY_B "\nendpoint=[2001:db8::1]:1\n",
     PEER(KEY_B) "endpoint=[2001:db8::1]:1\n" QUIET},
    {"endpoint-on-a-link", "public_key=" KEY_B "\nendpoint=[fe80::1%3]:65535\n",
     PEER(KEY_B) "endpoint=[fe80::1%3]:65535\n" QUIET},
    {"endpoint-on-a-named-link", "public_key=" KEY_B "\nendpoint=[fe80::1%lo]:2\n",
     PEER(KEY_B) "endpoint=[fe80::1%1]:2\n" QUIET},
    {"allowed-ip-without-prefix", "public_key=" KEY_B "\nallowed_ip=10.0.0.1\nallowed_ip=::1\n",
     PEER(KEY_B) QUIET "allowed_ip=10.0.0.1/32\nallowed_ip=::1/128\n"},
    {"allowed-ip-of-everything", "public_key=" KEY_B "\nallowed_ip=0.0.0.0/0\nallowed_ip=::/0\n",
     PEER(KEY_B) QUIET "allowed_ip=0.0.0.0/0\nallowed_ip=::/0\n"},
    {"allowed-ip-moves-to-the-last",
     "public_key=" KEY_B "\nallowed_ip=10.0.0.0/8\npublic_key=" KEY_C "\nallowed_ip=10.0.0.0/8\n",
     PEER(KEY_B) QUIET PEER(KEY_C) QUIET "allowed_ip=10.0.0.0/8\n"},
    {"allowed-ip-taken-away",
     "public_key=" KEY_B "\nallowed_ip=10.0.0.0/8\nallowed_ip=10.0.0.0/9\nallowed_ip=-10.0.0.0/8\n",
     PEER(KEY_B) QUIET "allowed_ip=10.0.0.0/9\n"},
    {"allowed-ips-replaced",
     "public_key=" KEY_B "\nallowed_ip=10.0.0.0/8\npublic_key=" KEY_B
     "\nreplace_allowed_ips=true\nallowed_ip=10.1.0.0/16\n",
     PEER(KEY_B) QUIET "allowed_ip=10.1.0.0/16\n"},
    {"peers-replaced", "public_key=" KEY_B "\n\nset=1\nreplace_peers=true\npublic_key=" KEY_C "\n",
     PEER(KEY_C) QUIET},
    {"peer-removed",
     "public_key=" KEY_B "\npublic_key=" KEY_C "\npublic_key=" KEY_B "\nremove=true\n",
     PEER(KEY_C) QUIET},
    {"peer-removed-and-more-said",
     "public_key=" KEY_B "\nremove=true\nallowed_ip=10.0.0.0/8\npersistent_keepalive_interval=1\n",
     ""},
    {"unknown-peer-removed", "public_key=" KEY_B "\nremove=true\n", ""},
    {"unknown-peer-updated", "public_key=" KEY_B "\nupdate_only=true\nallowed_ip=10.0.0.0/8\n", ""},
    {"known-peer-updated",
     "public_key=" KEY_B "\npublic_key=" KEY_B "\nupdate_only=true\nallowed_ip=10.0.0.0/8\n",
     PEER(KEY_B) QUIET "allowed_ip=10.0.0.0/8\n"},
    {"update-only-is-for-one-peer",
     "public_key=" KEY_B "\nupdate_only=true\npublic_key=" KEY_C "\n", PEER(KEY_C) QUIET},
    {"low-order-key-is-a-peer", "public_key=" ZERO "\n", PEER(ZERO) QUIET},
    {"non-canonical-key-is-a-peer", "public_key=" NINE_AND_P "\n", PEER(NINE_AND_P) QUIET},
    {"key-with-a-bit-too-many-is-a-peer", "public_key=" TOP_BIT "\n", PEER(TOP_BIT) QUIET},
};

static void
what_is_set_is_got(gconstpointer data)
{
    const unsigned i = GPOINTER_TO_UINT(data);
    struct world *world = world_new(UAPI_PLAIN);
    g_autofree char *set = g_strdup_printf("set=1\n%s\n", round_trips[i].set);
    g_autofree char *got = NULL, *expected = NULL;

    got = say(world, set);
    g_assert_true(g_str_has_suffix(got, "errno=0\n\n"));
    g_free(got);
    got = say(world, "get=1\n\n");
    if (g_str_has_prefix(round_trips[i].get, "private_key="))
        expected = g_strdup_printf("%slisten_port=0\nerrno=0\n\n", round_trips[i].get);
    else
        expected = g_strdup_printf("listen_port=0\n%serrno=0\n\n", round_trips[i].get);
    g_assert_cmpstr(got, ==, expected);
    world_free(world);
}

/* ---- What is refused ---- */

static const struct {
    const char *name, *lines;
} refused[] = {
    {"no-value", "private_key\n"},
    {"unknown-key", "color=red\n"},
    {"unknown-key-of-a-peer", "public_key=" KEY_B "\ncolor=red\n"},
    {"key-too-short", "private_key=11\n"},
    {"key-too-long", "private_key=" KEY_B "11\n"},
    {"key-no-hex",
     "private_key=g111111111111111111111111111111111111111111111111111111111111111\n"},
    {"public-key-empty", "public_key=\n"},
    {"port-too-large", "listen_port=65536\n"},
    {"port-negative", "listen_port=-1\n"},
    {"port-empty", "listen_port=\n"},
    {"port-with-blank", "listen_port= 1\n"},
    {"fwmark-too-large", "fwmark=4294967296\n"},
    {"fwmark-far-too-large", "fwmark=99999999999999999999999999\n"},
    {"replace-peers-false", "replace_peers=false\n"},
    {"peer-key-without-peer", "allowed_ip=10.0.0.0/8\n"},
    {"update-only-without-peer", "update_only=true\n"},
    {"remove-without-peer", "remove=true\n"},
    {"device-key-after-peer", "public_key=" KEY_B "\nlisten_port=1\n"},
    {"remove-false", "public_key=" KEY_B "\nremove=false\n"},
    {"keepalive-too-large", "public_key=" KEY_B "\npersistent_keepalive_interval=65536\n"},
    {"keepalive-off-is-a-word", "public_key=" KEY_B "\npersistent_keepalive_interval=off\n"},
    {"protocol-version-2", "public_key=" KEY_B "\nprotocol_version=2\n"},
    {"endpoint-without-port", "public_key=" KEY_B "\nendpoint=192.0.2.1\n"},
    {"endpoint-with-name", "public_key=" KEY_B "\nendpoint=example.org:1\n"},
    {"endpoint-port-too-large", "public_key=" KEY_B "\nendpoint=192.0.2.1:65536\n"},
    {"endpoint-without-brackets", "public_key=" KEY_B "\nendpoint=2001:db8::1:1\n"},
    {"endpoint-with-one-bracket", "public_key=" KEY_B "\nendpoint=[2001:db8::1:1\n"},
    {"endpoint-only-bracket", "public_key=" KEY_B "\nendpoint=[:1\n"},
    {"endpoint-ipv4-in-brackets", "public_key=" KEY_B "\nendpoint=[192.0.2.1]:1\n"},
    {"endpoint-on-no-link", "public_key=" KEY_B "\nendpoint=[fe80::1%nosuchlink]:1\n"},
    {"endpoint-very-long",
     "public_key=" KEY_B "\nendpoint=[1111111111111111111111111111111111111111111111111111111111"
     "11111111111111111111111111111111]:1\n"},
    {"allowed-ip-prefix-33", "public_key=" KEY_B "\nallowed_ip=10.0.0.0/33\n"},
    {"allowed-ip-prefix-129", "public_key=" KEY_B "\nallowed_ip=::/129\n"},
    {"allowed-ip-prefix-empty", "public_key=" KEY_B "\nallowed_ip=10.0.0.0/\n"},
    {"allowed-ip-short", "public_key=" KEY_B "\nallowed_ip=10.0.0/8\n"},
    {"allowed-ip-empty", "public_key=" KEY_B "\nallowed_ip=\n"},
    {"allowed-ip-only-minus", "public_key=" KEY_B "\nallowed_ip=-\n"},
    {"allowed-ip-very-long",
     "public_key=" KEY_B "\nallowed_ip=1111111111111111111111111111111111111111111111111111111\n"},
};

static void
nonsense_is_refused(gconstpointer data)
{
    const unsigned i = GPOINTER_TO_UINT(data);
    struct world *world = world_new(UAPI_PLAIN);
    g_autofree char *expected = g_strdup_printf("errno=%d\n\n", -EINVAL);
    /* Nothing behind the first error has an effect. */
    g_autofree char *request =
        g_strdup_printf("set=1\n%spublic_key=" KEY_C "\n\n", refused[i].lines);
    g_autofree char *got = NULL;

    assert_answer(world, request, expected);
    got = say(world, "get=1\n\n");
    g_assert_null(strstr(got, KEY_C));
    /* The next operation begins anew. */
    assert_answer(world, "set=1\nfwmark=3\n\n", "errno=0\n\n");
    world_free(world);
}

/* ---- The rest ---- */

static void
oneself_is_no_peer(void)
{
    struct world *world = world_new(UAPI_PLAIN);

    g_autoptr(GString) request = g_string_new("set=1\npublic_key=");
    const uint8_t *key;

    assert_answer(world, "set=1\nprivate_key=" KEY_B "\n\n", "errno=0\n\n");
    key = wg_device_get_public_key(world->host.device);
    for (unsigned i = 0; i < WG_KEY_LEN; i++)
        g_string_append_printf(request, "%02x", key[i]);
    g_string_append(request, "\nallowed_ip=10.0.0.0/8\n\n");
    assert_answer(world, request->str, "errno=0\n\n");
    g_assert_null(wg_device_next_peer(world->host.device, NULL));
    world_free(world);
}

static void
what_the_host_refuses_is_answered(void)
{
    struct world *world = world_new(UAPI_PLAIN);

    world->refusal = -EADDRINUSE;
    assert_answer(world, "set=1\nlisten_port=1\n\n", "errno=-98\n\n");
    world->refusal = -EPERM;
    assert_answer(world, "set=1\nfwmark=1\n\n", "errno=-1\n\n");
    world->refusal = 0;
    assert_answer(world, "set=1\nlisten_port=1\n\n", "errno=0\n\n");
    assert_answer(world, "get=1\n\n", "listen_port=1\nerrno=0\n\n");
    world_free(world);
}

static void
public_access_shows_no_secret_and_sets_nothing(void)
{
    struct world *world = world_new(UAPI_PLAIN);

    g_free(say(world,
               "set=1\nprivate_key=" KEY_B "\npublic_key=" KEY_C "\npreshared_key=" KEY_A "\n\n"));
    world->uapi.access = UAPI_PUBLIC;
    assert_answer(world, "get=1\n\n",
                  "listen_port=0\npublic_key=" KEY_C "\nprotocol_version=1\n" QUIET
                  "waiting_since_sec=0\nerrno=0\n\n");
    assert_answer(world, "set=1\nreplace_peers=true\n\n", "errno=-1\n\n");
    assert_answer(world, "set=1\n\n", "errno=-1\n\n");
    g_assert_nonnull(wg_device_next_peer(world->host.device, NULL));
    world_free(world);
}

static void
supervisor_is_told_who_waits(void)
{
    struct world *world = world_new(UAPI_SUPERVISOR);

    g_free(say(world, "set=1\npublic_key=" KEY_C "\n\n"));
    assert_answer(world, "get=1\n\n",
                  "listen_port=0\n" PEER(KEY_C) QUIET "waiting_since_sec=0\nerrno=0\n\n");
    world_free(world);
}

static void
strangers_are_hung_up_on(void)
{
    static const char *const lines[] = {"get=2", "set=0", "get", "GET / HTTP/1.1", "errno=0"};

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        struct world *world = world_new(UAPI_PLAIN);
        g_autofree char *line = g_strdup(lines[i]);

        g_assert_cmpint(uapi_line(&world->uapi, line, &world->answer), ==, -EPROTO);
        world_free(world);
    }
}

static void
a_client_that_leaves_has_changed_what_it_said(void)
{
    struct world *world = world_new(UAPI_PLAIN);

    g_free(
        say(world, "set=1\npublic_key=" KEY_B "\nallowed_ip=10.0.0.0/8\npublic_key=" KEY_C "\n"));
    uapi_end(&world->uapi);
    assert_answer(world, "get=1\n\n",
                  "listen_port=0\n" PEER(KEY_B) QUIET "allowed_ip=10.0.0.0/8\n" PEER(KEY_C) QUIET
                  "errno=0\n\n");
    /* And a removed peer stays so. */
    g_free(say(world, "set=1\npublic_key=" KEY_B "\nremove=true\n\n"));
    uapi_end(&world->uapi);
    g_free(say(world, "set=1\npublic_key=" KEY_C "\nremove=true\n"));
    uapi_end(&world->uapi);
    assert_answer(world, "get=1\n\n", "listen_port=0\nerrno=0\n\n");
    world_free(world);
}

static void
sixty_five_thousand_allowed_ips_are_printed(void)
{
    enum { COUNT = 65000 };
    struct world *world = world_new(UAPI_PLAIN);
    g_autoptr(GString) request = g_string_new("set=1\npublic_key=" KEY_B "\n");
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *answer = NULL;
    g_auto(GStrv) lines = NULL;

    for (unsigned i = 0; i < COUNT; i++)
        g_string_append_printf(request, "allowed_ip=10.%u.%u.%u/32\n", i >> 16, i >> 8 & 255,
                               i & 255);
    g_string_append(request, "\n");
    assert_answer(world, request->str, "errno=0\n\n");
    answer = say(world, "get=1\n\n");
    lines = g_strsplit(answer, "\n", -1);
    for (unsigned i = 0; lines[i]; i++)
        if (g_str_has_prefix(lines[i], "allowed_ip="))
            g_hash_table_add(seen, lines[i]);
    g_assert_cmpuint(g_hash_table_size(seen), ==, COUNT);
    g_assert_true(g_hash_table_contains(seen, "allowed_ip=10.0.253.231/32"));
    world_free(world);
}

/* Lines made of pieces of good ones: nothing crashes, every operation is answered, and what is there
 * afterwards can be printed and set again. */
static void
any_text_is_survived(void)
{
    static const char *const pieces[] = {
        "set=1",
        "get=1",
        "",
        "",
        "public_key=",
        KEY_A,
        KEY_B,
        "=",
        "allowed_ip",
        "10.0.0.0",
        "/",
        "8",
        "::",
        "[",
        "]:",
        "%",
        "endpoint=",
        "remove=true",
        "-",
        "listen_port",
        "true",
        "update_only=true",
        "\xff\x01",
        "replace_peers=true",
        "replace_allowed_ips=true",
        "preshared_key=",
        "private_key=",
        "persistent_keepalive_interval=",
        "65535",
        "\n",
        "\n",
    };
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_test_rand_int());
    struct world *world = world_new(UAPI_PLAIN);
    unsigned accepted = 0;

    for (unsigned round = 0; round < 20000; round++) {
        g_autoptr(GString) request = g_string_new("set=1\n");
        g_autofree char *answer = NULL;

        for (int n = g_rand_int_range(rand, 0, 12); n > 0; n--)
            g_string_append(request, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
        for (char *blank; (blank = strstr(request->str, "\n\n"));)
            g_string_erase(request, blank - request->str, 1);
        g_string_append(request, request->str[request->len - 1] == '\n' ? "\n" : "\n\n");
        answer = say(world, request->str);
        g_assert_true(g_str_has_prefix(answer, "errno="));
        accepted += g_str_equal(answer, "errno=0\n\n");
        g_free(answer);
        answer = say(world, "get=1\n\n");
        g_assert_true(g_str_has_suffix(answer, "errno=0\n\n"));
    }
    g_assert_cmpuint(accepted, >, 100);
    world_free(world);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(round_trips); i++) {
        g_autofree char *name = g_strdup_printf("/what-is-set-is-got/%s", round_trips[i].name);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), what_is_set_is_got);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autofree char *name = g_strdup_printf("/nonsense-is-refused/%s", refused[i].name);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), nonsense_is_refused);
    }
    g_test_add_func("/oneself-is-no-peer", oneself_is_no_peer);
    g_test_add_func("/what-the-host-refuses-is-answered", what_the_host_refuses_is_answered);
    g_test_add_func("/public-access-shows-no-secret-and-sets-nothing",
                    public_access_shows_no_secret_and_sets_nothing);
    g_test_add_func("/supervisor-is-told-who-waits", supervisor_is_told_who_waits);
    g_test_add_func("/strangers-are-hung-up-on", strangers_are_hung_up_on);
    g_test_add_func("/a-client-that-leaves-has-changed-what-it-said",
                    a_client_that_leaves_has_changed_what_it_said);
    g_test_add_func("/65000-allowed-ips-are-printed", sixty_five_thousand_allowed_ips_are_printed);
    g_test_add_func("/any-text-is-survived", any_text_is_survived);
    return g_test_run();
}
