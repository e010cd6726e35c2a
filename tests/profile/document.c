/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/document.h"

#include <string.h>

#include "profile/config.h"
#include "samples.h"

/* A text and what is shown of it. Restoring the second from the first gives the first again. */
static const struct {
    const char *text, *shown;
} images[] = {
    {"", ""},
    {"\n\r\n  \n", "\n\r\n  \n"},
    {MINIMAL,
     "[Interface]\nPrivateKey = (hidden)\nAddress = 10.7.0.2/32\nDNS = 10.7.0.1\n"
     "[Peer]\nPublicKey = " PEER_A "\nAllowedIPs = 0.0.0.0/0\nEndpoint = 192.0.2.1:51820\n"},
    {"\xef\xbb\xbf[Interface]\r\n\tprivate KEY=\t" PRIVATE " \t# mine\r\n",
     "\xef\xbb\xbf[Interface]\r\n\tprivate KEY=\t(hidden) \t# mine\r\n"},
    {"[Interface]\nPrivateKey = not a key at all", "[Interface]\nPrivateKey = (hidden)"},
    {"[Interface]\nPrivateKey =\n", "[Interface]\nPrivateKey =\n"},
    {"[Peer]\nPublicKey=" PEER_A "#" PSK "\nPresharedKey=" PSK,
     "[Peer]\nPublicKey=" PEER_A "#(hidden)\nPresharedKey=(hidden)"},
    /* Where a key is commented out or has lost its name. */
    {"# PrivateKey = " PRIVATE "\n# PublicKey = " PEER_A "\n",
     "# PrivateKey = (hidden)\n# PublicKey = " PEER_A "\n"},
    {"#PresharedKey:short\n", "#PresharedKey:(hidden)\n"},
    {"# old: " PRIVATE ", new: " PRIVATE_2 "\n", "# old: (hidden), new: (hidden)\n"},
    {"[Interface]\nPrivateKey: " PRIVATE "\n", "[Interface]\n(hidden)\n"},
    {"[Interface]\nPrivatKey = " PRIVATE "\n", "[Interface]\nPrivatKey = (hidden)\n"},
    {"[Interface]\nPrivateKey = WAri3pMA0yxCvN+a5C\nOV/KfAS4D1UHJMcATuG9Mn92s=\n",
     "[Interface]\nPrivateKey = (hidden)\n(hidden)\n"},
    /* What looks like one and is none. */
    {"PostUp = /usr/local/share/wireguard/scripts/interface/up %i\n",
     "PostUp = /usr/local/share/wireguard/scripts/interface/up %i\n"},
    {"# my PrivateKey is in the safe\n", "# my PrivateKey is in the safe\n"},
    /* What is not UTF-8 cannot be shown, and comes back. */
    {"# B\xfcro\n[Interface]\n", "# B\xef\xbf\xbdro\n[Interface]\n"},
};

static void
test_images(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(images); i++) {
        const char *text = images[i].text;
        g_autofree char *shown = wgw_document_hide_secrets(text, strlen(text));
        g_autoptr(WgwSecret) restored =
            wgw_document_restore_secrets(shown, strlen(shown), text, strlen(text));

        g_assert_cmpstr(shown, ==, images[i].shown);
        g_assert_cmpstr(wgw_secret_get_text(restored), ==, text);
    }
}

#define PEER(public, rest) "[Peer]\nPublicKey = " public "\n" rest

/* Edited meanwhile: a secret goes with its meaning, not with its line. */
static const struct {
    const char *old, *edited, *restored;
} edits[] = {
    {"[Interface]\nPrivateKey = " PRIVATE "\n",
     "# hello\n[Interface]\nMTU = 1400\nprivatekey=(hidden) # x\n",
     "# hello\n[Interface]\nMTU = 1400\nprivatekey=" PRIVATE " # x\n"},
    /* Peers that change places, and one that goes. */
    {PEER(PEER_A, "PresharedKey = " PSK "\n") PEER(PEER_B, "PresharedKey = " PSK_2 "\n"),
     PEER(PEER_B, "PresharedKey = (hidden)\n") PEER(PEER_A, "PresharedKey = (hidden)\n"),
     PEER(PEER_B, "PresharedKey = " PSK_2 "\n") PEER(PEER_A, "PresharedKey = " PSK "\n")},
    {PEER(PEER_A, "PresharedKey = " PSK "\n") PEER(PEER_B, "PresharedKey = " PSK_2 "\n"),
     PEER(PEER_B, "PresharedKey = (hidden)\n"), PEER(PEER_B, "PresharedKey = " PSK_2 "\n")},
    /* PublicKey below PresharedKey. */
    {"[Peer]\nPresharedKey=" PSK "\nPublicKey=" PEER_A,
     "[Peer]\nPresharedKey=(hidden)\nPublicKey=" PEER_A,
     "[Peer]\nPresharedKey=" PSK "\nPublicKey=" PEER_A},
    /* Another peer's is not taken, and a new one stays as it is. */
    {PEER(PEER_A, "PresharedKey = " PSK "\n"), PEER(PEER_B, "PresharedKey = (hidden)\n"),
     PEER(PEER_B, "PresharedKey = (hidden)\n")},
    {PEER(PEER_A, "PresharedKey = " PSK "\n"), PEER(PEER_A, "PresharedKey = " PSK_2 "\n"),
     PEER(PEER_A, "PresharedKey = " PSK_2 "\n")},
    {"[Interface]\nMTU=1\n", "[Interface]\nPrivateKey=(hidden)\n",
     "[Interface]\nPrivateKey=(hidden)\n"},
    /* Given twice: the last one counts. */
    {"[Interface]\nPrivateKey=" PRIVATE "\nPrivateKey=" PRIVATE_2 "\n",
     "[Interface]\nPrivateKey=(hidden)\nPrivateKey=(hidden)\n",
     "[Interface]\nPrivateKey=" PRIVATE "\nPrivateKey=" PRIVATE_2 "\n"},
    {"[Interface]\nPrivateKey=" PRIVATE "\nPrivateKey=" PRIVATE_2 "\n",
     "[Interface]\nPrivateKey=(hidden)\n", "[Interface]\nPrivateKey=" PRIVATE_2 "\n"},
    /* Comments whose images are the same come back in their order. */
    {"#PrivateKey=" PRIVATE "\n#PrivateKey=" PRIVATE_2 "\n",
     "#PrivateKey=(hidden)\n\n#PrivateKey=(hidden)\n#PrivateKey=(hidden)\n",
     "#PrivateKey=" PRIVATE "\n\n#PrivateKey=" PRIVATE_2 "\n#PrivateKey=(hidden)\n"},
};

static void
test_edits(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(edits); i++) {
        g_autoptr(WgwSecret) restored = wgw_document_restore_secrets(
            edits[i].edited, strlen(edits[i].edited), edits[i].old, strlen(edits[i].old));

        g_assert_cmpstr(wgw_secret_get_text(restored), ==, edits[i].restored);
    }
}

/* A NUL byte neither ends the text nor gets into the shown one. */
static void
test_nul(void)
{
    static const char text[] = "a\0PrivateKey=" PRIVATE "\nb\0c\nPrivateKey=" PRIVATE;
    g_autofree char *shown = wgw_document_hide_secrets(text, sizeof text - 1);

    g_assert_null(strstr(shown, "WAri3pMA0y"));
    g_assert_true(g_str_has_suffix(shown, "c\nPrivateKey=(hidden)"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/document/hidden-and-restored-is-byte-for-byte", test_images);
    g_test_add_func("/document/secrets-follow-their-meaning", test_edits);
    g_test_add_func("/document/nul-bytes", test_nul);
    return g_test_run();
}
