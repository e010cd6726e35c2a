/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/uapi.h"

#include <sodium.h>
#include <string.h>

#include "samples.h"

/* What an engine knows, kept as naively as can be: "peer KEY" -> text of its settings, and
 * "ip PREFIX" -> the peer's KEY. */
typedef struct {
    char *private_key;
    GHashTable *peers;  /* hex -> Peer */
    GHashTable *routes; /* "10.0.0.0/8" -> hex */
} Engine;

typedef struct {
    char *preshared_key, *endpoint, *keepalive;
    guint incarnation; /* which of the peers that were made this is */
} Peer;

static guint n_incarnations;

static void
peer_free(gpointer data)
{
    Peer *peer = data;

    g_free(peer->preshared_key);
    g_free(peer->endpoint);
    g_free(peer->keepalive);
    g_free(peer);
}

static void
engine_init(Engine *engine)
{
    engine->private_key = NULL;
    engine->peers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, peer_free);
    engine->routes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void
engine_clear(Engine *engine)
{
    g_free(engine->private_key);
    g_hash_table_unref(engine->peers);
    g_hash_table_unref(engine->routes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Engine, engine_clear)

static gboolean
is_value(gpointer key, gpointer value, gpointer wanted)
{
    return strcmp(value, wanted) == 0;
}

static void
set(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

/* The protocol's set operation (wireguard.com/xplatform), strict about what it does not expect. */
static void
engine_set(Engine *engine, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint n = g_strv_length(lines);
    g_autofree char *key = NULL;
    Peer *peer = NULL;

    g_assert_cmpuint(n, >=, 3);
    g_assert_cmpstr(lines[0], ==, "set=1");
    g_assert_cmpstr(lines[n - 1], ==, "");
    g_assert_cmpstr(lines[n - 2], ==, "");
    for (guint i = 1; i < n - 2; i++) {
        char *value = strchr(lines[i], '=');

        g_assert_nonnull(value);
        *value++ = '\0';
        if (!strcmp(lines[i], "private_key")) {
            g_assert_null(key);
            set(&engine->private_key, value);
        } else if (!strcmp(lines[i], "replace_peers")) {
            g_assert_null(key);
            g_hash_table_remove_all(engine->peers);
            g_hash_table_remove_all(engine->routes);
        } else if (!strcmp(lines[i], "public_key")) {
            gboolean update_only = lines[i + 1] && !strcmp(lines[i + 1], "update_only=true");

            set(&key, value);
            peer = g_hash_table_lookup(engine->peers, key);
            if (update_only)
                g_assert_nonnull(peer);
            if (!peer) {
                peer = g_new0(Peer, 1);
                peer->preshared_key = g_strnfill(64, '0');
                peer->endpoint = g_strdup("");
                peer->keepalive = g_strdup("0");
                peer->incarnation = ++n_incarnations;
                g_hash_table_insert(engine->peers, g_strdup(key), peer);
            }
        } else if (!strcmp(lines[i], "remove")) {
            g_hash_table_foreach_remove(engine->routes, is_value, key);
            g_assert_true(g_hash_table_remove(engine->peers, key));
            peer = NULL;
        } else if (!strcmp(lines[i], "preshared_key")) {
            set(&peer->preshared_key, value);
        } else if (!strcmp(lines[i], "endpoint")) {
            set(&peer->endpoint, value);
        } else if (!strcmp(lines[i], "persistent_keepalive_interval")) {
            set(&peer->keepalive, value);
        } else if (!strcmp(lines[i], "replace_allowed_ips")) {
            g_hash_table_foreach_remove(engine->routes, is_value, key);
        } else if (!strcmp(lines[i], "allowed_ip")) {
            g_assert_nonnull(peer);
            g_hash_table_insert(engine->routes, g_strdup(value), g_strdup(key));
        } else {
            g_assert_cmpstr(lines[i], ==, "update_only");
        }
    }
}

static void
assert_same(Engine *a, Engine *b)
{
    GHashTableIter iter;
    gpointer key, value;

    g_assert_cmpstr(a->private_key, ==, b->private_key);
    g_assert_cmpuint(g_hash_table_size(a->peers), ==, g_hash_table_size(b->peers));
    g_assert_cmpuint(g_hash_table_size(a->routes), ==, g_hash_table_size(b->routes));
    g_hash_table_iter_init(&iter, a->peers);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        Peer *x = value, *y = g_hash_table_lookup(b->peers, key);

        g_assert_nonnull(y);
        g_assert_cmpstr(x->preshared_key, ==, y->preshared_key);
        g_assert_cmpstr(x->endpoint, ==, y->endpoint);
        g_assert_cmpstr(x->keepalive, ==, y->keepalive);
    }
    g_hash_table_iter_init(&iter, a->routes);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_assert_cmpstr(value, ==, g_hash_table_lookup(b->routes, key));
}

static WgwConfig *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    WgwConfig *config = wgw_config_parse(text, -1, 0, NULL, &error);

    g_assert_no_error(error);
    return config;
}

static void
test_whole(void)
{
    g_autoptr(WgwConfig) config =
        parse("[Interface]\nPrivateKey=" PRIVATE "\nListenPort=1\nFwMark=2\nAddress=10.0.0.1\n"
              "[Peer]\nPublicKey=" PEER_A "\nPresharedKey=" PSK "\nEndpoint=[2001:db8::1]:51820\n"
              "AllowedIPs=10.1.2.3/8, ::/0\nPersistentKeepalive=25\n"
              "[Peer]\nPublicKey=" PEER_B "\nEndpoint=vpn.example:51820\nAllowedIPs=1.2.3.4\n"
              "[Peer]\nPublicKey=" PEER_C "\nEndpoint=192.0.2.1:1\nPresharedKey=" NO_KEY "\n");
    g_autoptr(WgwSecret) text = wgw_config_write_uapi(config);

    g_assert_cmpstr(
        wgw_secret_get_text(text), ==,
        "set=1\n"
        "private_key=580ae2de9300d32c42bcdf9ae42395fca7c04b80f550724c7004ee1bd327f76b\n"
        "replace_peers=true\n"
        "public_key=6742632f280d8cc8b6bd52826a0bc2ba4706b75cbdf0039e40e063fd3ee92b5c\n"
        "preshared_key=c643fbc3456018ab0fe9cda0f088ce92996bf82e82f2d88787041fc7071717df\n"
        "endpoint=[2001:db8::1]:51820\n"
        "persistent_keepalive_interval=25\n"
        "replace_allowed_ips=true\n"
        "allowed_ip=10.0.0.0/8\n"
        "allowed_ip=::/0\n"
        "public_key=3bfaea6033dc1212b5a072c99626b371dc6e7c10a63dea0c1cb4c666b6e22c2e\n"
        "persistent_keepalive_interval=0\n"
        "replace_allowed_ips=true\n"
        "allowed_ip=1.2.3.4/32\n"
        "public_key=b676e896d7223c1994d1201edf7413630acb3bace50bc70c3bf6ba9c26bf2007\n"
        "endpoint=192.0.2.1:1\n"
        "persistent_keepalive_interval=0\n"
        "replace_allowed_ips=true\n"
        "\n");
}

static void
test_endpoint(void)
{
    guint8 key[WGW_KEY_LEN] = {0xab};
    g_autofree char *four = wgw_uapi_write_endpoint(key, "192.0.2.1", 5);
    g_autofree char *six = wgw_uapi_write_endpoint(key, "2001:db8::1", 65535);

    g_assert_cmpstr(four, ==,
                    "set=1\npublic_key="
                    "ab00000000000000000000000000000000000000000000000000000000000000\n"
                    "update_only=true\nendpoint=192.0.2.1:5\n\n");
    g_assert_nonnull(strstr(six, "\nendpoint=[2001:db8::1]:65535\n\n"));
}

static void
test_no_change(void)
{
    g_autoptr(WgwConfig) a = parse(MINIMAL "PresharedKey=" PSK "\n");
    g_autoptr(WgwConfig) b = parse("# other words\n" MINIMAL "presharedkey=" PSK
                                   " # and a comment\nAllowedIPs=0.0.0.0/0");

    g_assert_null(wgw_config_write_uapi_change(a, b));
}

/* One thing at a time, with nothing else being touched. */
static void
test_change_is_minimal(void)
{
    static const struct {
        const char *from, *to; /* below MINIMAL's [Peer] */
        const char *change;    /* below its public_key */
    } cases[] = {
        {"", "PresharedKey=" PSK,
         "preshared_key=c643fbc3456018ab0fe9cda0f088ce92996bf82e82f2d88787041fc7071717df\n"},
        {"PresharedKey=" PSK, "",
         "preshared_key=0000000000000000000000000000000000000000000000000000000000000000\n"},
        {"", "Endpoint=192.0.2.2:51820", "endpoint=192.0.2.2:51820\n"},
        {"", "PersistentKeepalive=3", "persistent_keepalive_interval=3\n"},
        {"PersistentKeepalive=3", "PersistentKeepalive=off", "persistent_keepalive_interval=0\n"},
        {"", "AllowedIPs=::/0",
         "replace_allowed_ips=true\nallowed_ip=0.0.0.0/0\nallowed_ip=::/0\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *from_text = g_strconcat(MINIMAL, cases[i].from, NULL);
        g_autofree char *to_text = g_strconcat(MINIMAL, cases[i].to, NULL);
        g_autoptr(WgwConfig) from = parse(from_text);
        g_autoptr(WgwConfig) to = parse(to_text);
        g_autoptr(WgwSecret) change = wgw_config_write_uapi_change(from, to);
        g_autofree char *expected = g_strconcat(
            "set=1\n"
            "public_key=6742632f280d8cc8b6bd52826a0bc2ba4706b75cbdf0039e40e063fd3ee92b5c\n"
            "update_only=true\n",
            cases[i].change, "\n", NULL);

        g_assert_cmpstr(wgw_secret_get_text(change), ==, expected);
    }
}

/* A configuration of a few peers and prefixes, so that they collide. No names as endpoints: their
 * addresses are told apart from the configuration. */
static char *
random_config(void)
{
    static const char *const publics[] = {PUBLIC, PEER_A, PEER_B, PEER_C};
    static const char *const prefixes[] = {"10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/15",
                                           "0.0.0.0/0",  "::/0",        "fd00::/8"};
    GString *text = g_string_new("[Interface]\n");

    if (g_random_int_range(0, 8) > 0)
        g_string_append_printf(text, "PrivateKey=%s\n", g_random_boolean() ? PRIVATE : PRIVATE_2);
    for (int n = g_random_int_range(0, 6); n > 0; n--) {
        g_string_append_printf(text, "[Peer]\nPublicKey=%s\n", publics[g_random_int_range(0, 4)]);
        if (g_random_boolean())
            g_string_append_printf(text, "PresharedKey=%s\n", g_random_boolean() ? PSK : PSK_2);
        if (g_random_boolean())
            g_string_append_printf(text, "Endpoint=192.0.2.%d:1\n", g_random_int_range(0, 3));
        if (g_random_boolean())
            g_string_append_printf(text, "PersistentKeepalive=%d\n", g_random_int_range(0, 3));
        for (int i = g_random_int_range(0, 5); i > 0; i--)
            g_string_append_printf(text, "AllowedIPs=%s\n", prefixes[g_random_int_range(0, 6)]);
    }
    return g_string_free(text, FALSE);
}

/* A peer of both is still the same one, and so are its sessions, unless it lost its endpoint. */
static void
assert_kept(Engine *engine, const WgwConfig *from, const WgwConfig *to, guint newest)
{
    for (guint i = 0; i < wgw_config_get_n_peers(to); i++) {
        const WgwPeer *peer = wgw_config_get_peer(to, i);
        const WgwPeer *before = wgw_config_find_peer(from, wgw_peer_get_public_key(peer));
        char hex[2 * WGW_KEY_LEN + 1];
        Peer *now;

        if (!before || (wgw_peer_get_endpoint(before) && !wgw_peer_get_endpoint(peer)))
            continue;
        sodium_bin2hex(hex, sizeof hex, wgw_peer_get_public_key(peer), WGW_KEY_LEN);
        now = g_hash_table_lookup(engine->peers, hex);
        g_assert_cmpuint(now->incarnation, <=, newest);
    }
}

/* The difference, told to an engine that has the one, gives an engine that has the other. */
static void
test_change_is_exact(void)
{
    for (int i = 0; i < 3000; i++) {
        g_autofree char *from_text = random_config();
        g_autofree char *to_text = random_config();
        g_autoptr(WgwConfig) from = parse(from_text);
        g_autoptr(WgwConfig) to = parse(to_text);
        g_autoptr(WgwSecret) from_uapi = wgw_config_write_uapi(from);
        g_autoptr(WgwSecret) to_uapi = wgw_config_write_uapi(to);
        g_autoptr(WgwSecret) change = wgw_config_write_uapi_change(from, to);
        g_auto(Engine) changed, expected;
        guint newest;

        engine_init(&changed);
        engine_init(&expected);
        engine_set(&changed, wgw_secret_get_text(from_uapi));
        engine_set(&expected, wgw_secret_get_text(to_uapi));
        newest = n_incarnations;
        if (change)
            engine_set(&changed, wgw_secret_get_text(change));
        assert_kept(&changed, from, to, newest);
        if (!wgw_config_get_private_key(from) != !wgw_config_get_private_key(to)) {
            /* No key, and a key of zeros that takes one away, are the same to an engine. */
            if (!expected.private_key)
                expected.private_key = g_strnfill(64, '0');
        }
        assert_same(&changed, &expected);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uapi/whole", test_whole);
    g_test_add_func("/uapi/endpoint", test_endpoint);
    g_test_add_func("/uapi/no-change-no-text", test_no_change);
    g_test_add_func("/uapi/change-is-minimal", test_change_is_minimal);
    g_test_add_func("/uapi/change-is-exact", test_change_is_exact);
    return g_test_run();
}
