/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "samples.h"

/* One problem as "LINE:COLUMN CODE", errors with "!" behind it. */
static char *
sketch(GPtrArray *problems)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < problems->len; i++) {
        const WgwProblem *problem = g_ptr_array_index(problems, i);

        g_string_append_printf(text, "%s%u:%u %s%s", i ? ", " : "", problem->line, problem->column,
                               problem->code, problem->severity == WGW_SEVERITY_ERROR ? "!" : "");
    }
    return g_string_free(text, FALSE);
}

static char *
sketch_of(const char *text, gssize len)
{
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwConfig) config =
        wgw_config_parse(text, len, WGW_CONFIG_SECRETS, &problems, &error);

    g_assert_true((config == NULL) == (wgw_problems_first_error(problems) != NULL));
    g_assert_true((config == NULL) == (error != NULL));
    return sketch(problems);
}

/* Problems of a line below [Interface] or [Peer], where everything else is in order. */
static const struct {
    const char *line; /* at 5:1 below [Interface], at 9:1 below [Peer] */
    const char *problems;
} interface_lines[] = {
    {"", ""},
    {"# PrivateKey = x", ""},
    {"   \t# x", ""},
    {"ListenPort = 51820", ""},
    {"listenport=0", ""},
    {"ListenPort = 5 1 8 2 0 # comment", ""},
    {"LISTENPORT = domain", ""},
    {"ListenPort = 65536", "5:14 port-range"},
    {"ListenPort = -1", "5:14 bad-port!"},
    {"ListenPort = 0x10", "5:14 bad-port!"},
    {"ListenPort = 1.5", "5:14 bad-port!"},
    {"ListenPort =", "5:1 no-value!"},
    {"ListenPort = # 5", "5:1 no-value!"},
    {"ListenPort", "5:1 no-value!"},
    {"ListenPort = 2147483648", "5:14 bad-port!"},
    {"FwMark = off", ""},
    {"FwMark = 0", ""},
    {"FwMark = 51820", "5:1 ignored-key"},
    {"FwMark = 0xca6c", "5:1 ignored-key"},
    {"FwMark = 0x", "5:10 bad-fwmark!"},
    {"FwMark = 0x100000000", "5:10 bad-fwmark!"},
    {"FwMark = -1", "5:10 bad-fwmark!"},
    {"FwMark = 1x", "5:10 bad-fwmark!"},
    {"Private Key = " PRIVATE, "5:1 repeated-key"},
    {"PrivateKey = short", "5:1 repeated-key, 5:14 bad-key!"},
    {"Address = 10.7.0.3", ""},
    {"Address = ", ""},
    {"Address = 10.7.0.3/24, fd00::2/64 10.9.0.1/8,,", ""},
    {"Address = 10.7.0.2/32", "5:11 duplicate-address"},
    {"Address = 10.7.0.2/33", "5:11 bad-address!"},
    {"Address = 10.7.0.3,  10.7.0", "5:22 bad-address!"},
    {"Address = 10.7.0.03", "5:11 bad-address!"},
    {"Address = fd00::2/129, 1.2.3.4/x", "5:11 bad-address!, 5:24 bad-address!"},
    {"Address = é, 10.7.0", "5:11 bad-address!, 5:14 bad-address!"},
    {"Add ress = 10.7.0.3", "5:1 unknown-key!"},
    {"DNS = 1.1.1.1, corp.example, 2606:4700:4700::1111", ""},
    {"DNS = 1.1.1", "5:7 bad-dns!"},
    {"DNS = 1.1.1.1/32", "5:7 bad-dns!"},
    {"DNS = 1.1.1.1 a_b-c.example.", ""},
    {"DNS = a..b", "5:7 bad-dns!"},
    {"DNS = ~.", "5:7 ignored-domain"},
    {"DNS = fe80::1%eth0", "5:7 bad-dns!"},
    {"MTU = 1420", ""},
    {"MTU =", ""},
    {"MTU = 0", "5:7 bad-mtu!"},
    {"MTU = 65536", "5:7 bad-mtu!"},
    {"MTU = 1420 bytes", "5:7 bad-mtu!"},
    {"MTU = +1420", "5:7 bad-mtu!"},
    {"Table = auto", ""},
    {"Table = off", "5:1 ignored-key"},
    {"Table = 1234", "5:1 ignored-key"},
    {"Table = a b", "5:9 bad-table!"},
    {"PreUp = echo hi; rm -rf ~", "5:1 ignored-key"},
    {"PostUp = a = b", "5:1 ignored-key"},
    {"predown = x", "5:1 ignored-key"},
    {"PostDown =", ""},
    {"SaveConfig = false", ""},
    {"SaveConfig = TRUE", "5:1 ignored-key"},
    {"SaveConfig = yes", "5:14 bad-boolean!"},
    {"PublicKey = " PEER_A, "5:1 wrong-section!"},
    {"AllowedIPs = ::/0", "5:1 wrong-section!"},
    {"Jc = 4", "5:1 amneziawg!"},
    {"Jmin = 40", "5:1 amneziawg!"},
    {"H4 = 4", "5:1 amneziawg!"},
    {"Nonsense = 1", "5:1 unknown-key!"},
    {"Nonsense", "5:1 unknown-key!"},
    {"= 1", "5:1 unknown-key!"},
    {"[Peers]", "5:1 unknown-section!"},
    {"[Interface] x", "5:1 unknown-section!"},
    {"\xff\xfe = 1", "5:1 not-utf8, 5:1 unknown-key!"},
    {"# \xff", "5:3 not-utf8"},
};

static const struct {
    const char *line;
    const char *problems;
} peer_lines[] = {
    {"PersistentKeepalive = 25", ""},
    {"PersistentKeepalive = OFF", ""},
    {"PersistentKeepalive = 0", ""},
    {"PersistentKeepalive = 65536", "9:23 bad-keepalive!"},
    {"PersistentKeepalive = -1", "9:23 bad-keepalive!"},
    {"PersistentKeepalive = 25s", "9:23 bad-keepalive!"},
    {"PersistentKeepalive =", "9:1 no-value!"},
    {"PresharedKey = " PSK, ""},
    {"PresharedKey = " NO_KEY, ""},
    {"PresharedKey =", "9:1 no-value!"},
    {"PresharedKey = " PRIVATE "=", "9:16 bad-key!"},
    {"AllowedIPs = ::/0", ""},
    {"AllowedIPs = 10.0.0.0/8, fd00::/8 , 192.0.2.1", ""},
    {"AllowedIPs = 10.0.0.1/8", "9:14 host-bits"},
    {"AllowedIPs = fd00::1/127", "9:14 host-bits"},
    {"AllowedIPs = 10.0.0.0/8,", "9:25 bad-allowed-ip!"},
    {"AllowedIPs = ,", "9:14 bad-allowed-ip!, 9:15 bad-allowed-ip!"},
    {"AllowedIPs = 10.0.0.0/8 10.0.0.1", "9:14 bad-allowed-ip!"},
    {"AllowedIPs = 10.0.0.0/", "9:14 bad-allowed-ip!"},
    {"AllowedIPs = 10.0.0.0/+8", "9:14 bad-allowed-ip!"},
    {"AllowedIPs = +10.0.0.0/8", "9:14 bad-allowed-ip!"},
    {"AllowedIPs = -10.0.0.0/8", "9:14 bad-allowed-ip!"},
    {"AllowedIPs = 0.0.0.0/33, 1::/129, x",
     "9:14 bad-allowed-ip!, 9:26 bad-allowed-ip!, 9:35 bad-allowed-ip!"},
    {"AllowedIPs =", "9:1 no-value!"},
    {"PublicKey = " PEER_B, "9:1 repeated-key"},
    {"PublicKey = " PEER_B "x", "9:1 repeated-key, 9:13 bad-key!"},
    /* The stray bits before "=" must be clear: 43 characters are 258 bits. */
    {"PresharedKey = xkP7w0VgGKsP6c2g8IjOkplr+C6C8tiHhwQfxwcXF99=", "9:16 bad-key!"},
    {"PresharedKey = xkP7w0VgGKsP6c2g8IjOkplr-C6C8tiHhwQfxwcXF98=", "9:16 bad-key!"},
    {"Address = 10.0.0.1", "9:1 wrong-section!"},
    {"MTU = 1420", "9:1 wrong-section!"},
    {"[ Peer ]\nPublicKey = " PEER_B "\nAllowedIPs = ::/0", ""},
    {"[Peer]", "9:1 no-public-key!"},
    {"[Peer]\nAllowedIPs = ::/0", "9:1 no-public-key!"},
    {"[Peer]\nPublicKey = " PEER_B, "9:1 no-allowed-ips"},
    {"[Peer]\nPublicKey = " PEER_A "\nAllowedIPs = ::/0", "9:1 duplicate-peer"},
    {"[Peer]\nPublicKey = " PEER_B "\nAllowedIPs = 1.2.3.4/0",
     "11:14 host-bits, 11:14 duplicate-allowed-ip"},
};

static const struct {
    const char *value;
    const char *host; /* NULL: rejected */
    guint16 port;
    gboolean numeric;
} endpoints[] = {
    {"192.0.2.1:51820", "192.0.2.1", 51820, TRUE},
    {"127.1:5", "127.0.0.1", 5, TRUE},
    {"0x7f000001:5", "127.0.0.1", 5, TRUE},
    {"[2001:DB8::1]:51820", "2001:db8::1", 51820, TRUE},
    {"2001:db8::1:51820", "2001:db8::1", 51820, TRUE},
    {"[::ffff:192.0.2.1]:1", "::ffff:192.0.2.1", 1, TRUE},
    {"[192.0.2.1]:1", "192.0.2.1", 1, TRUE},
    {"[fe80::1%eth0]:1", "fe80::1%eth0", 1, TRUE},
    {"[fe80::1%2]:1", "fe80::1%2", 1, TRUE},
    {"vpn.example.com:51820", "vpn.example.com", 51820, FALSE},
    {"[vpn.example.com]:51820", "vpn.example.com", 51820, FALSE},
    {"VPN:domain", "VPN", 53, FALSE},
    {"v p n : 5 1", "vpn", 51, FALSE},
    {"1.example:1", "1.example", 1, FALSE},
    {"vpn.example.com", NULL, 0, FALSE},
    {"vpn.example.com:", NULL, 0, FALSE},
    {":51820", NULL, 0, FALSE},
    {"[]:51820", NULL, 0, FALSE},
    {"[::1]", NULL, 0, FALSE},
    {"[::1]51820", NULL, 0, FALSE},
    {"[::1:51820", NULL, 0, FALSE},
    {"[2001:db8::1%eth0]:1", NULL, 0, FALSE},
    {"[fe80::1%]:1", NULL, 0, FALSE},
    {"192.0.2.256:1", NULL, 0, FALSE},
    {"999999999999:1", NULL, 0, FALSE},
    {"192.0.2.1:-1", NULL, 0, FALSE},
    {"192.0.2.1:nosuchservice", NULL, 0, FALSE},
    {"a..b:1", NULL, 0, FALSE},
    {"a/b:1", NULL, 0, FALSE},
    {"\xc3\xa9.example:1", NULL, 0, FALSE},
};

static void
assert_problems(const char *line, const char *problems, const char *expected)
{
    if (strcmp(problems, expected) != 0)
        g_error("\"%s\": \"%s\" instead of \"%s\"", line, problems, expected);
}

static void
test_lines(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(interface_lines); i++) {
        g_autofree char *text = g_strdup_printf(
            "[Interface]\nPrivateKey = " PRIVATE "\nAddress = 10.7.0.2/32\nDNS = 10.7.0.1\n%s\n"
            "[Peer]\nPublicKey = " PEER_A "\nAllowedIPs = 0.0.0.0/0\n",
            interface_lines[i].line);
        g_autofree char *problems = sketch_of(text, -1);

        assert_problems(interface_lines[i].line, problems, interface_lines[i].problems);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(peer_lines); i++) {
        g_autofree char *text = g_strdup_printf(MINIMAL "%s", peer_lines[i].line);
        g_autofree char *problems = sketch_of(text, -1);

        assert_problems(peer_lines[i].line, problems, peer_lines[i].problems);
    }
}

static void
test_endpoints(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(endpoints); i++) {
        g_autofree char *text =
            g_strdup_printf("[Peer]\nPublicKey=" PEER_A "\nEndpoint=%s", endpoints[i].value);
        g_autoptr(WgwConfig) config = wgw_config_parse(text, -1, 0, NULL, NULL);
        const WgwEndpoint *endpoint;

        g_test_message("%s", endpoints[i].value);
        g_assert_true((config != NULL) == (endpoints[i].host != NULL));
        if (!config)
            continue;
        endpoint = wgw_peer_get_endpoint(wgw_config_get_peer(config, 0));
        g_assert_cmpstr(endpoint->host, ==, endpoints[i].host);
        g_assert_cmpuint(endpoint->port, ==, endpoints[i].port);
        g_assert_cmpint(endpoint->numeric, ==, endpoints[i].numeric);
    }
}

static char *
join_addresses(const WgwAddress *addresses, gsize n)
{
    GString *text = g_string_new(NULL);

    for (gsize i = 0; i < n; i++) {
        g_autofree char *address = wgw_address_to_string(&addresses[i]);

        g_string_append_printf(text, "%s%s", i ? " " : "", address);
    }
    return g_string_free(text, FALSE);
}

#define assert_addresses(getter, object, expected)               \
    do {                                                         \
        gsize n_;                                                \
        const WgwAddress *addresses_ = getter(object, &n_);      \
        g_autofree char *text_ = join_addresses(addresses_, n_); \
        g_assert_cmpstr(text_, ==, expected);                    \
    } while (0)

static void
assert_key(const guint8 *key, const char *expected)
{
    char base64[WGW_KEY_BASE64_LEN + 1];

    g_assert_nonnull(key);
    wgw_key_to_base64(key, base64);
    g_assert_cmpstr(base64, ==, expected);
}

/* Every value arrives, through byte order mark, line ends of both kinds, lists over several lines,
 * keys and sections of any case in any order, and a last line without an end. */
static void
test_values(void)
{
    static const char text[] =
        "\xef\xbb\xbf# a comment\r\n[INTERFACE]\r\n  privatekey\t=" PRIVATE "# not a comment's\r\n"
        "address = 10.7.0.2/24 , fd00::2\r\nAddress=192.0.2.7\r\n"
        "DNS = 10.7.0.1, corp.example\r\ndns = fd00::1 lan\r\n"
        "MTU=1380\r\nListenPort = 51821\r\nFwMark=0xca6c\r\nTable = 51\r\n"
        "\r\n[peer]\nAllowedIPs = 10.7.0.0/24\nPresharedKey=" PSK "\nPublicKey = " PEER_A "\n"
        "AllowedIPs = 10.8.0.9/16,::/0\nEndpoint = a.example:1\nEndpoint = [::1]:2\n"
        "PersistentKeepalive = 25\n"
        "[Interface]\nListenPort=51822\n"
        "[Peer]\nPublicKey=" PEER_B;
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwConfig) config = wgw_config_parse(text, -1, 0, NULL, &error);
    const WgwPeer *a, *b;

    g_assert_no_error(error);
    assert_key(wgw_config_get_private_key(config), PRIVATE);
    assert_key(wgw_config_get_public_key(config), PUBLIC);
    assert_addresses(wgw_config_get_addresses, config, "10.7.0.2/24 fd00::2/128 192.0.2.7/32");
    assert_addresses(wgw_config_get_dns, config, "10.7.0.1/32 fd00::1/128");
    g_assert_cmpstr(wgw_config_get_search_domains(config)[0], ==, "corp.example");
    g_assert_cmpstr(wgw_config_get_search_domains(config)[1], ==, "lan");
    g_assert_null(wgw_config_get_search_domains(config)[2]);
    g_assert_cmpuint(wgw_config_get_mtu(config), ==, 1380);
    g_assert_cmpuint(wgw_config_get_listen_port(config), ==, 51822);
    g_assert_cmpuint(wgw_config_get_fwmark(config), ==, 0xca6c);
    g_assert_cmpstr(wgw_config_get_table(config), ==, "51");

    g_assert_cmpuint(wgw_config_get_n_peers(config), ==, 2);
    a = wgw_config_get_peer(config, 0);
    b = wgw_config_get_peer(config, 1);
    g_assert_true(wgw_config_find_peer(config, wgw_peer_get_public_key(b)) == b);
    assert_key(wgw_peer_get_public_key(a), PEER_A);
    assert_key(wgw_peer_get_preshared_key(a), PSK);
    assert_addresses(wgw_peer_get_allowed_ips, a, "10.7.0.0/24 10.8.0.0/16 ::/0");
    g_assert_cmpstr(wgw_peer_get_endpoint(a)->host, ==, "::1");
    g_assert_cmpuint(wgw_peer_get_persistent_keepalive(a), ==, 25);
    assert_key(wgw_peer_get_public_key(b), PEER_B);
    g_assert_false(wgw_peer_has_preshared_key(b));
    g_assert_null(wgw_peer_get_preshared_key(b));
    g_assert_null(wgw_peer_get_endpoint(b));
    assert_addresses(wgw_peer_get_allowed_ips, b, "");
}

/* What the kernel has after the same sections, one after the other. */
static void
test_merging(void)
{
    static const char text[] =
        "[Peer]\nPublicKey=" PEER_A "\nPresharedKey=" PSK "\nEndpoint=192.0.2.1:1\n"
        "AllowedIPs=10.1.0.0/16,10.2.0.0/16\nPersistentKeepalive=5\n"
        "[Peer]\nPublicKey=" PEER_B "\nAllowedIPs=10.2.0.1/16,10.3.0.0/16, 10.3.0.0/16\n"
        "[Peer]\nPublicKey=" PEER_A "\nAllowedIPs=10.3.0.0/16\nEndpoint=192.0.2.2:1\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwConfig) config = wgw_config_parse(text, -1, 0, NULL, &error);
    const WgwPeer *a;

    g_assert_no_error(error);
    g_assert_cmpuint(wgw_config_get_n_peers(config), ==, 2);
    a = wgw_config_get_peer(config, 0);
    assert_key(wgw_peer_get_preshared_key(a), PSK);
    g_assert_cmpstr(wgw_peer_get_endpoint(a)->host, ==, "192.0.2.2");
    g_assert_cmpuint(wgw_peer_get_persistent_keepalive(a), ==, 5);
    assert_addresses(wgw_peer_get_allowed_ips, a, "10.3.0.0/16");
    assert_addresses(wgw_peer_get_allowed_ips, wgw_config_get_peer(config, 1), "10.2.0.0/16");
}

/* Gaps are warnings: wg takes such a file, but no session can come of it. */
static void
test_gaps(void)
{
    static const struct {
        const char *text, *problems;
    } cases[] = {
        {"", "1:1 no-private-key, 1:1 no-address, 1:1 no-peer, 1:1 no-dns"},
        {"\n[Interface]", "2:1 no-private-key, 2:1 no-address, 2:1 no-peer, 2:1 no-dns"},
        {"PrivateKey = " PRIVATE "\n" MINIMAL, "1:1 no-section!"},
        {"[Interface]\nPrivateKey=x\nAddress=1.2.3.4\nDNS=1.2.3.4\n[Peer]\nPublicKey=" PEER_A
         "\nAllowedIPs=::/0",
         "2:12 bad-key!"},
    };
    static const char *const unusable[] = {"", "[Interface]\nPrivateKey=" PRIVATE,
                                           "[Interface]\nPrivateKey=" PRIVATE "\nAddress=10.0.0.1"};
    g_autoptr(WgwConfig) good = wgw_config_parse(MINIMAL, -1, WGW_CONFIG_NO_SECRETS, NULL, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *problems = sketch_of(cases[i].text, -1);

        g_assert_cmpstr(problems, ==, cases[i].problems);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(unusable); i++) {
        g_autoptr(WgwConfig) config = wgw_config_parse(unusable[i], -1, 0, NULL, NULL);
        g_autoptr(GError) error = NULL;

        g_assert_false(wgw_config_check_usable(config, &error));
        g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE);
    }
    g_assert_true(wgw_config_check_usable(good, NULL));
}

/* However a key gets into the wrong place, whole or in parts, no message repeats it. */
static void
test_messages_hide_keys(void)
{
    static const char *const templates[] = {
        "[Interface]\nPrivateKey = x%s\n",
        "[Interface]\nPrivateKey: %s\n",
        "[Interface]\nPrivateKey %s\n",
        "[Interface]\nPrivatKey = %s\n",
        "[Interface]\nAddress = %s\n",
        "[Interface]\nDNS = %s\n",
        "[Interface]\nTable = %s x\n",
        "[Interface]\nMTU = %s\n",
        "[Interface]\nListenPort = %s\n",
        "[Interface]\nSaveConfig = %s\n",
        "[Interface]\n%s\n",
        "[Interface]\n[%s]\n",
        "%s\n",
        "[Peer]\nPublicKey = %s %s\n",
        "[Peer]\nPresharedKey = %s,%s\n",
        "[Peer]\nAllowedIPs = %s\n",
        "[Peer]\nEndpoint = %s:51820\n",
        "[Peer]\nEndpoint = %s\n",
        "[Peer]\nPersistentKeepalive = %s\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(templates); i++) {
        g_auto(GStrv) parts = g_strsplit(templates[i], "%s", -1);
        g_autofree char *text = g_strjoinv(PRIVATE, parts);
        g_autoptr(GPtrArray) problems = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(WgwConfig) config = wgw_config_parse(text, -1, 0, &problems, &error);

        g_test_message("%s", text);
        g_assert_null(config);
        for (guint j = 0; j < problems->len; j++) {
            const WgwProblem *problem = g_ptr_array_index(problems, j);

            /* Any eight characters of it. */
            for (gsize k = 0; k + 8 < strlen(PRIVATE); k++) {
                g_autofree char *part = g_strndup(&PRIVATE[k], 8);

                g_assert_null(strstr(problem->message, part));
            }
        }
    }
}

/* The second half of a key that was broken over two lines is not taken for a key's name. */
static void
test_messages_hide_halves(void)
{
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(WgwConfig) config = wgw_config_parse(
        "[Interface]\nPrivateKey = WAri3pMA0yxCvN+a5COV/KfAS4D1UHJM\ncATuG9Mn92s=\n", -1, 0,
        &problems, NULL);

    g_assert_null(config);
    for (guint i = 0; i < problems->len; i++)
        g_assert_null(strstr(((WgwProblem *)problems->pdata[i])->message, "cATuG9"));
}

/* Messages are for terminals too: no control characters, no endless ones. */
static void
test_messages_are_tame(void)
{
    g_autofree char *longer = g_strnfill(5000, 'x');
    g_autofree char *text = g_strdup_printf(
        "[Interface]\nAddress = \x1b[31m\x07\xe2\x80\xae.%s\n[\x1b]0;evil\x07]\n", longer);
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(WgwConfig) config = wgw_config_parse(text, -1, 0, &problems, NULL);

    g_assert_null(config);
    for (guint i = 0; i < problems->len; i++) {
        const char *message = ((WgwProblem *)problems->pdata[i])->message;

        g_assert_true(g_utf8_validate(message, -1, NULL));
        g_assert_cmpuint(strlen(message), <, 400);
        for (const char *p = message; *p; p = g_utf8_next_char(p))
            g_assert_true(g_unichar_isprint(g_utf8_get_char(p)));
    }
}

static void
test_nul_and_size(void)
{
    static const char nul[] = MINIMAL "a\0b";
    g_autofree char *large = g_strnfill(WGW_CONFIG_MAX_SIZE + 1, '#');
    g_autofree char *too_large = sketch_of(large, -1);
    g_autofree char *with_nul = sketch_of(nul, sizeof nul - 1);
    g_autofree char *utf16 = sketch_of("\xff\xfe[\0I\0", 6);
    g_autofree char *fits = sketch_of(large, WGW_CONFIG_MAX_SIZE);

    g_assert_cmpstr(too_large, ==, "1:1 too-large!");
    g_assert_cmpstr(with_nul, ==, "9:2 nul-byte!");
    g_assert_nonnull(strstr(utf16, "nul-byte!"));
    g_assert_null(strchr(fits, '!'));
}

/* As long as a file may be, and still read in a moment: nothing here is quadratic. The limit is a
 * hundred times what is needed. */
static void
test_large_inputs(void)
{
    static const char *const units[] = {
        "[Peer]\n",
        "[Peer]\nPublicKey=" PEER_A "\nAllowedIPs=10.0.0.0/8\n",
        "10.0.0.1,",
        "AllowedIPs=x,",
        "Address=10.0.0.1\n",
        "Nonsense = 1\n",
        "\xff",
        " ",
        "=",
        "#\n",
        "[",
        "Endpoint = x:domain\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        for (int continued = 0; continued < 2; continued++) {
            g_autoptr(GString) text = g_string_new("[Interface]\n[Peer]\nPublicKey=" PEER_A "\n");
            g_autoptr(GPtrArray) problems = NULL;
            g_autoptr(WgwConfig) config = NULL;
            gint64 start;

            g_string_append(text, continued ? "AllowedIPs=" : "");
            while (text->len + strlen(units[i]) < WGW_CONFIG_MAX_SIZE)
                g_string_append(text, units[i]);
            start = g_get_monotonic_time();
            config = wgw_config_parse(text->str, text->len, 0, &problems, NULL);
            g_test_message("unit %zu: %.3f s", i,
                           (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
            g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
            g_assert_cmpuint(problems->len, <=, 1002);
        }
    }
}

/* Twenty thousand different peers and hashes that do not collide. */
static void
test_many_peers(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(WgwConfig) config = NULL;
    guint n = 0;

    while (text->len < WGW_CONFIG_MAX_SIZE - 100) {
        guint8 key[WGW_KEY_LEN] = {n & 0xff, n >> 8};
        char base64[WGW_KEY_BASE64_LEN + 1];

        wgw_key_to_base64(key, base64);
        g_string_append_printf(text, "[peer]\npublickey=%s\n", base64);
        n++;
    }
    config = wgw_config_parse(text->str, -1, 0, NULL, NULL);
    g_assert_nonnull(config);
    g_assert_cmpuint(wgw_config_get_n_peers(config), ==, n);
    g_assert_cmpuint(n, >, 14000);
}

static void
test_without_secrets(void)
{
    static const char text[] = MINIMAL "PresharedKey = " PSK;
    static const char hidden[] =
        "[Interface]\nPrivateKey=(hidden)\nAddress=10.0.0.1\nDNS=10.0.0.1\n"
        "[Peer]\nPublicKey=" PEER_A "\nPresharedKey=(Hidden)\nAllowedIPs=::/0\n";
    g_autoptr(WgwConfig) config = wgw_config_parse(text, -1, WGW_CONFIG_NO_SECRETS, NULL, NULL);
    g_autoptr(WgwConfig) masked = wgw_config_parse(hidden, -1, WGW_CONFIG_ALLOW_HIDDEN, NULL, NULL);
    g_autofree char *strict = sketch_of(hidden, -1);

    g_assert_null(wgw_config_get_private_key(config));
    assert_key(wgw_config_get_public_key(config), PUBLIC);
    g_assert_true(wgw_peer_has_preshared_key(wgw_config_get_peer(config, 0)));
    g_assert_null(wgw_peer_get_preshared_key(wgw_config_get_peer(config, 0)));

    g_assert_nonnull(masked);
    g_assert_null(wgw_config_get_public_key(masked));
    g_assert_true(wgw_peer_has_preshared_key(wgw_config_get_peer(masked, 0)));
    g_assert_cmpstr(strict, ==, "2:12 bad-key!, 7:14 bad-key!");
}

static void
test_load(void)
{
    WGW_AUTOCLOSE int memfd = memfd_create("config", MFD_CLOEXEC);
    WGW_AUTOCLOSE int pipe_end = -1;
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwConfig) config = NULL;
    int pipe_fds[2];

    g_assert_cmpint(write(memfd, MINIMAL, strlen(MINIMAL)), ==, strlen(MINIMAL));
    config = wgw_config_load(memfd, 0, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(config);
    g_assert_cmpint(lseek(memfd, 0, SEEK_CUR), ==, strlen(MINIMAL));

    g_assert_cmpint(ftruncate(memfd, WGW_CONFIG_MAX_SIZE + 1), ==, 0);
    g_assert_null(wgw_config_load(memfd, 0, &problems, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    g_assert_nonnull(problems);
    g_clear_error(&error);

    g_assert_cmpint(pipe2(pipe_fds, O_CLOEXEC), ==, 0);
    pipe_end = pipe_fds[1];
    g_assert_null(wgw_config_load(pipe_fds[0], 0, NULL, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    close(pipe_fds[0]);
}

static void
test_error_has_line_and_column(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) variant = NULL;
    g_autoptr(GPtrArray) problems = NULL;

    g_assert_null(
        wgw_config_parse("[Interface]\nMTU = 1\nTable = off\nMTU = x", -1, 0, &problems, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE);
    g_assert_cmpstr(error->message, ==, "2:7: Found \"1\", expected bytes, 68 to 65535.");
    variant = g_variant_ref_sink(wgw_problems_to_variant(problems));
    g_assert_true(g_variant_is_of_type(variant, G_VARIANT_TYPE("a(uusss)")));
    g_assert_cmpuint(g_variant_n_children(variant), ==, problems->len);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/each-line-has-its-problems", test_lines);
    g_test_add_func("/config/endpoints", test_endpoints);
    g_test_add_func("/config/every-value-arrives", test_values);
    g_test_add_func("/config/sections-merge-as-in-the-kernel", test_merging);
    g_test_add_func("/config/gaps-are-warnings", test_gaps);
    g_test_add_func("/config/messages-hide-keys", test_messages_hide_keys);
    g_test_add_func("/config/messages-hide-halves-of-keys", test_messages_hide_halves);
    g_test_add_func("/config/messages-are-tame", test_messages_are_tame);
    g_test_add_func("/config/nul-bytes-and-size", test_nul_and_size);
    g_test_add_func("/config/large-inputs-are-read-in-a-moment", test_large_inputs);
    g_test_add_func("/config/many-peers", test_many_peers);
    g_test_add_func("/config/secrets-can-be-left-out", test_without_secrets);
    g_test_add_func("/config/load", test_load);
    g_test_add_func("/config/error-has-line-and-column", test_error_has_line_and_column);
    return g_test_run();
}
