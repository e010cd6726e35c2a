/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/config-lines.h"

#include <string.h>

#define I        WGW_CONFIG_INTERFACE
#define N_RANDOM 20000
/* A comment that is behind a value and nowhere else. */
#define STAYS "# z"

/* As a buffer does it: from the end. */
static char *
apply(const char *text, gsize length, GArray *edits)
{
    GString *edited = g_string_new_len(text, length);

    for (guint i = edits->len; i > 0; i--) {
        const WgwTextEdit *edit = &g_array_index(edits, WgwTextEdit, i - 1);

        g_assert_cmpuint(edit->start, <=, edit->end);
        g_assert_cmpuint(edit->end, <=, i == edits->len ? length : edit[1].start);
        g_string_erase(edited, edit->start, edit->end - edit->start);
        g_string_insert(edited, edit->start, edit->replacement);
    }
    return g_string_free(edited, FALSE);
}

static const struct {
    const char *name;
    const char *text;
    guint section;
    const char *key;
    const char *value;
    const char *edited;
} cases[] = {
    {"a value alone is replaced", "[Interface]\naddress=\t10.0.0.2/32 \t# mine\r\nMTU=1\n", I,
     "Address", "10.0.0.3/32", "[Interface]\naddress=\t10.0.0.3/32 \t# mine\r\nMTU=1\n"},
    {"an empty value is filled in", "[Interface]\nAddress =\nDNS = \r\nMTU =# none\n", I, "DNS",
     "10.0.0.1", "[Interface]\nAddress =\nDNS = 10.0.0.1\r\nMTU =# none\n"},
    {"an empty value before a comment", "[Interface]\nMTU =# none\n", I, "MTU", "1400",
     "[Interface]\nMTU = 1400 # none\n"},
    {"a value that is emptied goes with its line", "[Peer]\nEndpoint = a:1\nPublicKey = k\n", 1,
     "Endpoint", " ", "[Peer]\nPublicKey = k\n"},
    {"but not with a comment there", "[Peer]\nEndpoint = a:1 # home\nPublicKey = k\n", 1,
     "Endpoint", "", "[Peer]\n# home\nPublicKey = k\n"},
    {"a new key comes where it usually is",
     "[Interface]\nPrivateKey=k\nAddress=a\nMTU=1\n# end\n[Peer]\nPublicKey=p\n", I, "DNS", "d",
     "[Interface]\nPrivateKey=k\nAddress=a\nDNS=d\nMTU=1\n# end\n[Peer]\nPublicKey=p\n"},
    {"and at the end of a file without an end of line", "[Interface]\r\n[Peer]\r\nPublicKey = p", 1,
     "AllowedIPs", "::/0", "[Interface]\r\n[Peer]\r\nPublicKey = p\r\nAllowedIPs = ::/0"},
    {"and in a text without its section", "\xef\xbb\xbf[Peer]\n", I, "MTU", "1400",
     "\xef\xbb\xbf[Interface]\nMTU = 1400\n\n[Peer]\n"},
    {"and in no text", "", I, "MTU", "1400", "[Interface]\nMTU = 1400\n"},
    {"the last of several counts", "[Interface]\nMTU = 1\nMTU = 2\n", I, "MTU", "3",
     "[Interface]\nMTU = 1\nMTU = 3\n"},
    {"and none is left to count", "[Interface]\nMTU = 1\nMTU = 2\n", I, "MTU", "", "[Interface]\n"},
    {"of a list over lines, the item that differs",
     "[Interface]\nAddress = a,b\n# x\nAddress = c , d # y\nAddress=e\n", I, "Address",
     "a, b, c, f, e", "[Interface]\nAddress = a,b\n# x\nAddress = c, f # y\nAddress=e\n"},
    {"an item more, in the line of the one before", "[Interface]\nAddress = a,b\nAddress = c\n", I,
     "Address", "a, b, x, c", "[Interface]\nAddress = a, b, x\nAddress = c\n"},
    {"an item less, and its line", "[Interface]\nAddress = a\nAddress = b\nAddress = c\n", I,
     "Address", "a, c", "[Interface]\nAddress = a\nAddress = c\n"},
    {"all items", "[Interface]\nDNS = a\nDNS = \nDNS = b\nMTU = 1\n", I, "DNS", "",
     "[Interface]\nMTU = 1\n"},
    {"a comma too many is no item", "[Peer]\nAllowedIPs = a,b\n", 1, "AllowedIPs", "a, b, ",
     "[Peer]\nAllowedIPs = a,b\n"},
    {"nothing leaves its line", "[Peer]\nEndpoint = a:1\n", 1, "Endpoint",
     "a:2\n[Interface] # no\r", "[Peer]\nEndpoint = a:2 [Interface]  no\n"},
    {"each peer is its own", "[Peer]\nEndpoint = a:1\n[Peer]\nEndpoint = b:1\n", 2, "Endpoint",
     "b:2", "[Peer]\nEndpoint = a:1\n[Peer]\nEndpoint = b:2\n"},
    {"a key in a comment is none", "[Interface]\n#DNS = a\n", I, "DNS", "b",
     "[Interface]\nDNS = b\n#DNS = a\n"},
    {"[Interface] may go on later", "[Interface]\nMTU = 1\n[Peer]\n[interface]\nDNS = d\n", I,
     "DNS", "e", "[Interface]\nMTU = 1\n[Peer]\n[interface]\nDNS = e\n"},
};

static void
test_set(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(cases[i].text, strlen(cases[i].text));
    g_autoptr(GArray) edits =
        wgw_config_lines_set(lines, cases[i].section, cases[i].key, cases[i].value);
    g_autofree char *edited = apply(cases[i].text, strlen(cases[i].text), edits);

    g_assert_cmpstr(edited, ==, cases[i].edited);
}

/* One letter that is typed is one letter in the text, so that the history takes it for typing. */
static void
test_only_what_differs_is_replaced(void)
{
    static const char text[] = "[Peer]\nEndpoint = \xd1\x8f.example:5182\n";
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));
    g_autoptr(GArray) one = wgw_config_lines_set(lines, 1, "Endpoint", "\xd1\x8f.example:51820");
    g_autoptr(GArray) other = wgw_config_lines_set(lines, 1, "Endpoint", "\xd1\x8e.example:5182");
    g_autoptr(GArray) none = wgw_config_lines_set(lines, 1, "Endpoint", " \xd1\x8f.example:5182 ");
    const WgwTextEdit *edit = &g_array_index(one, WgwTextEdit, 0);

    g_assert_cmpuint(one->len, ==, 1);
    g_assert_cmpuint(edit->start, ==, strlen(text) - 1);
    g_assert_cmpuint(edit->end, ==, edit->start);
    g_assert_cmpstr(edit->replacement, ==, "0");
    /* Letters of several bytes stay whole. */
    edit = &g_array_index(other, WgwTextEdit, 0);
    g_assert_cmpuint(edit->end - edit->start, ==, 2);
    g_assert_cmpstr(edit->replacement, ==, "\xd1\x8e");
    g_assert_cmpuint(none->len, ==, 0);
}

static const struct {
    const char *name;
    const char *text;
    gboolean is_form;
    guint n_peers;
    const char *others;
    guint n_others;
} texts[] = {
    {"nothing", "", TRUE, 0, "", 0},
    {"both sections", "# x\n[Interface]\n\n[ peer]\n", FALSE, 0, "", 0},
    {"keys of its own",
     "[Interface]\nTable = off\nPostUp = a\nMTU=1\npostup = b\nPostUp=c\n[Peer]\nMTU=1\n", TRUE, 1,
     "Table PostUp postup MTU", 5},
    {"no equals sign", "[Interface]\nAddress\n", FALSE, 0, "", 0},
    {"a key before all sections", "MTU=1\n[Interface]\n", FALSE, 0, "", 0},
    {"another section", "[Interface]\n[Other]\nMTU=1\n[Peer]\n", FALSE, 1, "", 0},
};

static void
test_what_a_form_can_have(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(WgwConfigLines) lines =
            wgw_config_lines_new(texts[i].text, strlen(texts[i].text));
        guint n;
        g_auto(GStrv) others = wgw_config_lines_dup_others(lines, &n);
        g_autofree char *joined = g_strjoinv(" ", others);

        g_test_message("%s", texts[i].name);
        g_assert_cmpint(wgw_config_lines_is_form(lines), ==, texts[i].is_form);
        g_assert_cmpuint(wgw_config_lines_get_n_peers(lines), ==, texts[i].n_peers);
        g_assert_cmpstr(joined, ==, texts[i].others);
        g_assert_cmpuint(n, ==, texts[i].n_others);
    }
}

static void
test_a_line_is_found_by_its_number(void)
{
    static const char text[] = "[Interface]\n\nMTU = 1\n[Peer]\n[Peer]\nEndpoint = a:1\n";
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));

    g_assert_true(wgw_config_lines_is(lines, 1, I, NULL));
    g_assert_true(wgw_config_lines_is(lines, 3, I, "mtu"));
    g_assert_false(wgw_config_lines_is(lines, 3, I, NULL));
    g_assert_true(wgw_config_lines_is(lines, 5, 2, NULL));
    g_assert_true(wgw_config_lines_is(lines, 6, 2, "Endpoint"));
    g_assert_false(wgw_config_lines_is(lines, 6, 1, "Endpoint"));
    g_assert_false(wgw_config_lines_is(lines, 0, I, NULL));
    g_assert_false(wgw_config_lines_is(lines, 7, I, NULL));
}

static const struct {
    const char *name;
    const char *text;
    guint removed; /* 0: one is added */
    const char *edited;
} peers[] = {
    {"one more", "[Interface]\r\n", 0, "[Interface]\r\n\r\n[Peer]\r\n"},
    {"after a line without its end", "[Interface]", 0, "[Interface]\n\n[Peer]\n"},
    {"after a blank line", "[Interface]\n\n", 0, "[Interface]\n\n[Peer]\n"},
    {"in no text", "", 0, "[Peer]\n"},
    {"the first of two",
     "[Interface]\n\n# one\n[Peer]\nEndpoint=a:1\n\n# two\n[Peer]\nEndpoint=b:1\n", 1,
     "[Interface]\n\n# two\n[Peer]\nEndpoint=b:1\n"},
    {"the last of two",
     "[Interface]\n\n# one\n[Peer]\nEndpoint=a:1\n\n# two\n[Peer]\nEndpoint=b:1\n# end", 2,
     "[Interface]\n\n# one\n[Peer]\nEndpoint=a:1\n"},
    {"a comment that may be another's stays", "[Interface]\nMTU=1\n# mtu\n[Peer]\n", 1,
     "[Interface]\nMTU=1\n# mtu\n"},
    {"one that is not there", "[Interface]\n[Peer]\n", 2, "[Interface]\n[Peer]\n"},
};

static void
test_peers_come_and_go(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(peers); i++) {
        const char *text = peers[i].text;
        g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));
        g_autoptr(GArray) edits = peers[i].removed
                                      ? wgw_config_lines_remove_peer(lines, peers[i].removed)
                                      : wgw_config_lines_add_peer(lines);
        g_autofree char *edited = apply(text, strlen(text), edits);

        g_test_message("%s", peers[i].name);
        g_assert_cmpstr(edited, ==, peers[i].edited);
    }
}

/* ---- Anything ---- */

static const char *const keys[] = {"PrivateKey", "Address",  "DNS",       "MTU",
                                   "ListenPort", "Endpoint", "AllowedIPs"};
static const char *const pieces[] = {"[Interface]",
                                     "[Peer]",
                                     "[peer] # x",
                                     "[Other]",
                                     "Address = a, b",
                                     "address=c",
                                     "DNS=",
                                     "MTU = 1400 ",
                                     "MTU = 1",
                                     "Table=off",
                                     "# note",
                                     "AllowedIPs = ,,x,",
                                     "Endpoint =",
                                     "what",
                                     "",
                                     "\xd1\x8f = \xd1\x8f",
                                     "=",
                                     "AllowedIPs=y # z",
                                     " DNS = d,\t e ",
                                     "\xef\xbb\xbf"};
static const char *const values[] = {"",  "a",    "a, b", "x, y",     "c",   "a, b, c", "1400",
                                     "b", "d, e", "a,c",  "\xd1\x8f", "a:1", "x,,y, "};

static GString *
make_text(void)
{
    GString *text = g_string_new(g_test_rand_int_range(0, 4) ? "[Interface]\n" : "");
    const char *line_end = g_test_rand_int_range(0, 3) ? "\n" : "\r\n";

    for (int n = g_test_rand_int_range(0, 14); n > 0; n--) {
        g_string_append(text, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
        if (n > 1 || g_test_rand_bit())
            g_string_append(text, line_end);
    }
    if (g_test_rand_int_range(0, 20) == 0)
        g_string_append_c(text, '\0');
    return text;
}

/* All but the lines of @key in @section, and what such a line leaves behind. */
static char *
dup_rest(const char *text, gsize length, guint section, const char *key)
{
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, length);
    GString *rest = g_string_new(NULL);
    guint number = 1;

    for (gsize at = 0; at < length; number++) {
        const char *newline = memchr(text + at, '\n', length - at);
        gsize next = newline ? (gsize)(newline + 1 - text) : length;

        if (!wgw_config_lines_is(lines, number, section, key) &&
            !g_str_has_prefix(text + at, STAYS))
            g_string_append_len(rest, text + at, next - at);
        at = next;
    }
    while (rest->len > 0 && strchr("\r\n", rest->str[rest->len - 1]))
        g_string_truncate(rest, rest->len - 1);
    return g_string_free(rest, FALSE);
}

static char *
normalise(const char *value)
{
    g_auto(GStrv) items = g_strsplit(value, ",", -1);
    GString *normal = g_string_new(NULL);

    for (char **item = items; *item; item++)
        if (*g_strstrip(*item))
            g_string_append_printf(normal, "%s%s", normal->len > 0 ? ", " : "", *item);
    return g_string_free(normal, FALSE);
}

static void
test_what_is_set_is_what_is_there_and_nothing_else_is_touched(void)
{
    for (int i = 0; i < N_RANDOM; i++) {
        g_autoptr(GString) text = make_text();
        g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text->str, text->len);
        guint section = g_test_rand_int_range(0, wgw_config_lines_get_n_peers(lines) + 1);
        const char *key = keys[g_test_rand_int_range(0, G_N_ELEMENTS(keys))];
        const char *value = values[g_test_rand_int_range(0, G_N_ELEMENTS(values))];
        gboolean is_list =
            !g_strcmp0(key, "Address") || !g_strcmp0(key, "DNS") || !g_strcmp0(key, "AllowedIPs");
        g_autoptr(GArray) edits = wgw_config_lines_set(lines, section, key, value);
        gsize length = text->len;
        g_autofree char *edited = NULL, *got = NULL, *wanted = NULL, *before = NULL, *after = NULL;
        g_autofree char *expected = is_list ? normalise(value) : g_strstrip(g_strdup(value));
        g_autoptr(WgwConfigLines) again = NULL;

        /* No C string goes on behind a NUL, and neither does this comparison. Where [Interface] has to be
         * added, keys before all sections would come to be in it; but that is no form. */
        if (memchr(text->str, '\0', length) ||
            (!strstr(text->str, "[Interface]") && !wgw_config_lines_is_form(lines)))
            continue;
        edited = apply(text->str, length, edits);
        again = wgw_config_lines_new(edited, strlen(edited));
        got = wgw_config_lines_dup_value(again, section, key);
        wanted = g_steal_pointer(&expected);
        g_assert_cmpstr(got, ==, wanted);
        if (strstr(text->str, "[Interface]") == NULL && section == I)
            continue; /* that was added, too */
        before = dup_rest(text->str, length, section, key);
        after = dup_rest(edited, strlen(edited), section, key);
        g_assert_cmpstr(after, ==, before);
    }
}

/* 1 MiB of each in turn, and each with a NUL in the middle. */
static void
test_hostile_texts_are_survived(void)
{
    static const char *const hostile[] = {
        "\n", "[Peer]\n", "=",        "#", "MTU=1\n",        "Address=,\n",
        "\r", "[",        "\xff\xfe", ",", "Address=a,a,a\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
        g_autoptr(GString) text = g_string_new("[Interface]\nAddress=a");

        while (text->len < 1024 * 1024)
            g_string_append(text, hostile[i]);
        text->str[text->len / 2] = '\0';
        for (int nul = 1; nul >= 0; nul--) {
            g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text->str, text->len);
            g_autoptr(GArray) edits = wgw_config_lines_set(lines, I, "Address", "b, c");
            g_autoptr(GArray) emptied = wgw_config_lines_set(lines, I, "Address", "");
            g_autofree char *value = wgw_config_lines_dup_value(lines, I, "Address");
            guint n;
            g_auto(GStrv) others = wgw_config_lines_dup_others(lines, &n);

            g_assert_nonnull(edits);
            g_assert_nonnull(emptied);
            g_assert_nonnull(value);
            g_assert_nonnull(others);
            g_assert_true(!nul || !wgw_config_lines_is_form(lines));
            text->str[text->len / 2] = 'x';
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/config-lines/%s", cases[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_set);
    }
    g_test_add_func("/config-lines/only what differs is replaced",
                    test_only_what_differs_is_replaced);
    g_test_add_func("/config-lines/what a form can have", test_what_a_form_can_have);
    g_test_add_func("/config-lines/a line is found by its number",
                    test_a_line_is_found_by_its_number);
    g_test_add_func("/config-lines/peers come and go", test_peers_come_and_go);
    g_test_add_func("/config-lines/what is set is what is there, and nothing else is touched",
                    test_what_is_set_is_what_is_there_and_nothing_else_is_touched);
    g_test_add_func("/config-lines/hostile texts are survived", test_hostile_texts_are_survived);
    return g_test_run();
}
