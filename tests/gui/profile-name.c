/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/profile-name.h"

#include <glib.h>

#define TEN  "1234567890"
#define LONG TEN TEN TEN TEN TEN TEN

/* Four bytes each. */
#define FACES "😀😀😀😀😀😀😀😀😀😀"

static const struct {
    const char *wish;
    guint number;
    const char *name;
} cases[] = {
    {"work", 1, "work"},
    {"work", 2, "work 2"},
    {"Zürich 東京", 1, "Zürich 東京"},
    {"a/b", 1, "a-b"},
    {"a\nb\tc\x7f", 1, "a-b-c-"},
    {"a\xe2\x80\xae"
     "fnoc.b",
     1, "a-fnoc.b"}, /* would turn what follows around */
    {"...work", 1, "work"},
    {" . work ", 1, "work"},
    {"", 1, "tunnel"},
    {"...", 3, "tunnel 3"},
    {"\xff", 1, "\xef\xbf\xbd"},
    {LONG TEN, 1, LONG "1234"},
    {LONG TEN, 12, LONG "1 12"},
    {LONG "123 56", 1, LONG "123"},
    {FACES FACES FACES FACES FACES FACES FACES, 1, FACES FACES FACES FACES FACES FACES},
};

static void
test_any_wish_becomes_a_name_that_is_taken(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = wgw_profile_name_make(cases[i].wish, cases[i].number);

        g_assert_cmpstr(name, ==, cases[i].name);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/profile-name/any wish becomes a name that is taken",
                    test_any_wish_becomes_a_name_that_is_taken);
    return g_test_run();
}
