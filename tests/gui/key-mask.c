/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/key-mask.h"

#define A      "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
#define B      "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
#define BROKEN "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="

static const struct {
    const char *name;
    const char *text;
    const char *hidden;
    const char *checked;
} cases[] = {
    {"one word for each key", "[Interface]\nPrivateKey = " A "\n[Peer]\nPresharedKey=" B "\n",
     "[Interface]\nPrivateKey = (hidden)\n[Peer]\nPresharedKey=(hidden 2)\n",
     "[Interface]\nPrivateKey = (hidden)\n[Peer]\nPresharedKey=(hidden)\n"},
    {"the same word for the same key", "PrivateKey=" A "\nPresharedKey=" A,
     "PrivateKey=(hidden)\nPresharedKey=(hidden)", "PrivateKey=(hidden)\nPresharedKey=(hidden)"},
    {"any case, any space, any end of line", "\tprivatekey\t=\t" A " \t\r\n pReSharedKey=" B "\r\n",
     "\tprivatekey\t=\t(hidden) \t\r\n pReSharedKey=(hidden 2)\r\n",
     "\tprivatekey\t=\t(hidden) \t\r\n pReSharedKey=(hidden)\r\n"},
    {"in a comment, and before one", "# PrivateKey = " A "\nPrivateKey = " B " # mine\n",
     "# PrivateKey = (hidden)\nPrivateKey = (hidden 2) # mine\n",
     "# PrivateKey = (hidden)\nPrivateKey = (hidden) # mine\n"},
    {"a public key is no secret", "PublicKey = " A "\nPrivateKey =\nPresharedKey = # none\n",
     "PublicKey = " A "\nPrivateKey =\nPresharedKey = # none\n",
     "PublicKey = " A "\nPrivateKey =\nPresharedKey = # none\n"},
    {"what is no key is hidden, and checked", "PrivateKey = " BROKEN "\nPresharedKey = two words\n",
     "PrivateKey = (hidden)\nPresharedKey = (hidden 2)\n",
     "PrivateKey = " BROKEN "\nPresharedKey = two words\n"},
    {"a word that is there already stands for itself",
     "# Address = (hidden)\nPrivateKey = " A "\nPresharedKey = (hidden)\n",
     "# Address = (hidden)\nPrivateKey = (hidden 2)\nPresharedKey = (hidden 3)\n",
     "# Address = (hidden)\nPrivateKey = (hidden)\nPresharedKey = (hidden)\n"},
    {"characters of several bytes", "# ключ\nPrivateKey = " A "\n# ключ\n",
     "# ключ\nPrivateKey = (hidden)\n# ключ\n", "# ключ\nPrivateKey = (hidden)\n# ключ\n"},
};

static void
test_forms(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(WgwKeyMask) mask = wgw_key_mask_new();
    g_autoptr(WgwKeyText) hidden = wgw_key_mask_convert(mask, cases[i].text, WGW_KEYS_HIDDEN);
    g_autoptr(WgwKeyText) again = wgw_key_mask_convert(mask, hidden, WGW_KEYS_HIDDEN);
    g_autoptr(WgwKeyText) checked = wgw_key_mask_convert(mask, hidden, WGW_KEYS_CHECKED);
    g_autoptr(WgwKeyText) shown = wgw_key_mask_convert(mask, hidden, WGW_KEYS_SHOWN);

    g_assert_cmpstr(hidden, ==, cases[i].hidden);
    g_assert_cmpstr(again, ==, cases[i].hidden);
    g_assert_cmpstr(checked, ==, cases[i].checked);
    g_assert_cmpstr(shown, ==, cases[i].text);
}

/* What a user may do with the words. */
static void
test_words_are_moved_and_copied_like_text(void)
{
    g_autoptr(WgwKeyMask) mask = wgw_key_mask_new();
    g_autoptr(WgwKeyText) hidden =
        wgw_key_mask_convert(mask, "PrivateKey = " A "\nPresharedKey = " B "\n", WGW_KEYS_HIDDEN);
    g_autoptr(WgwKeyText) shown = wgw_key_mask_convert(
        mask, "PresharedKey = (hidden 2)\nPresharedKey = (hidden 2)\nPrivateKey = (hidden 7)\n",
        WGW_KEYS_SHOWN);

    g_assert_cmpstr(hidden, ==, "PrivateKey = (hidden)\nPresharedKey = (hidden 2)\n");
    g_assert_cmpstr(shown, ==,
                    "PresharedKey = " B "\nPresharedKey = " B "\nPrivateKey = (hidden 7)\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/key-mask/%s", cases[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_forms);
    }
    g_test_add_func("/key-mask/words are moved and copied like text",
                    test_words_are_moved_and_copied_like_text);
    return g_test_run();
}
