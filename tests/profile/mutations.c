/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <string.h>

#include "profile/config.h"
#include "profile/document.h"
#include "profile/uapi.h"
#include "samples.h"

/*
 * Real configurations with small injuries, tens of thousands of them: whatever the text, nothing
 * crashes (the sanitizers and valgrind watch), and these hold:
 *
 *  - a configuration comes out, or an error with its place does;
 *  - every place is in the text;
 *  - a text that is shown without its secrets and given back is the same text, byte for byte;
 *  - what is shown is UTF-8, and where the text was good, it has no secret in it and is good too.
 */

static GPtrArray *corpus; /* of GBytes */

static void
load_corpus(void)
{
    const char *directory = g_test_get_dir(G_TEST_DIST);
    g_autofree char *path = g_build_filename(directory, "corpus", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &error);
    const char *name;

    g_assert_no_error(error);
    corpus = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        char *text;
        gsize len;

        g_assert_true(g_file_get_contents(file, &text, &len, NULL));
        g_ptr_array_add(corpus, g_bytes_new_take(text, len));
    }
    g_assert_cmpuint(corpus->len, >=, 40);
}

static GString *
pick(void)
{
    GBytes *bytes = corpus->pdata[g_test_rand_int_range(0, corpus->len)];
    gsize len;
    const char *text = g_bytes_get_data(bytes, &len);

    return g_string_new_len(text, len);
}

static void
mutate(GString *text)
{
    static const char telling[] = "=#[]:,./ \t\r\n\0\xff\xc3\xef(";
    gsize at = g_test_rand_int_range(0, text->len + 1);
    gsize n = g_test_rand_int_range(1, 30);

    n = MIN(n, text->len - at);
    switch (g_test_rand_int_range(0, 6)) {
    case 0:
        g_string_insert_c(text, at, telling[g_test_rand_int_range(0, sizeof telling - 1)]);
        break;
    case 1:
        g_string_insert_c(text, at, (char)g_test_rand_int_range(0, 256));
        break;
    case 2:
        g_string_erase(text, at, n);
        break;
    case 3:
        if (n > 0)
            text->str[at] ^= 1 << g_test_rand_int_range(0, 8);
        break;
    case 4: {
        g_autofree char *piece = g_memdup2(text->str + at, n);

        g_string_insert_len(text, g_test_rand_int_range(0, text->len + 1), piece, n);
        break;
    }
    default: {
        g_autoptr(GString) other = pick();

        g_string_insert_len(text, at, other->str, other->len);
        break;
    }
    }
}

static void
assert_places(GPtrArray *problems, const GString *text)
{
    guint lines = 1;

    for (gsize i = 0; i < text->len; i++)
        lines += text->str[i] == '\n';
    for (guint i = 0; i < problems->len; i++) {
        const WgwProblem *problem = g_ptr_array_index(problems, i);

        g_assert_cmpuint(problem->line, >=, 1);
        g_assert_cmpuint(problem->line, <=, lines);
        g_assert_cmpuint(problem->column, >=, 1);
        g_assert_cmpuint(problem->column, <=, text->len + 1);
        g_assert_true(g_utf8_validate(problem->message, -1, NULL));
    }
}

static void
examine(const GString *text)
{
    g_autofree char *shown = wgw_document_hide_secrets(text->str, text->len);
    g_autoptr(WgwSecret) restored =
        wgw_document_restore_secrets(shown, strlen(shown), text->str, text->len);
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwConfig) config = wgw_config_parse(text->str, text->len, 0, &problems, &error);
    g_autoptr(WgwSecret) uapi = NULL;
    g_autoptr(WgwConfig) masked = NULL;

    g_assert_true((config == NULL) == (error != NULL));
    g_assert_true((config == NULL) == (wgw_problems_first_error(problems) != NULL));
    assert_places(problems, text);
    g_assert_true(g_utf8_validate(shown, -1, NULL));
    g_assert_cmpmem(wgw_secret_get_text(restored), wgw_secret_get_length(restored), text->str,
                    text->len);
    if (!config)
        return;
    uapi = wgw_config_write_uapi(config);
    g_assert_true(g_str_has_suffix(wgw_secret_get_text(uapi), "\n\n"));
    g_assert_null(wgw_config_write_uapi_change(config, config));
    g_assert_null(strstr(shown, PRIVATE));
    g_assert_null(strstr(shown, PSK));
    masked = wgw_config_parse(shown, -1, WGW_CONFIG_ALLOW_HIDDEN, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(wgw_config_get_n_peers(masked), ==, wgw_config_get_n_peers(config));
}

static void
test_corpus(void)
{
    for (guint i = 0; i < corpus->len; i++) {
        gsize len;
        const char *data = g_bytes_get_data(corpus->pdata[i], &len);
        g_autoptr(GString) text = g_string_new_len(data, len);

        examine(text);
    }
}

static void
test_mutations(void)
{
    /* valgrind is told by the suite that it has less time. */
    const char *rounds = g_getenv("WG_WRAP_ROUNDS");
    guint n = rounds ? g_ascii_strtoull(rounds, NULL, 10) : 20000;

    for (guint i = 0; i < n; i++) {
        g_autoptr(GString) text = pick();

        for (int injuries = g_test_rand_int_range(1, 6); injuries > 0; injuries--)
            mutate(text);
        examine(text);
    }
}

int
main(int argc, char **argv)
{
    int r;

    g_test_init(&argc, &argv, NULL);
    load_corpus();
    g_test_add_func("/mutations/corpus", test_corpus);
    g_test_add_func("/mutations/injuries", test_mutations);
    r = g_test_run();
    g_ptr_array_unref(corpus);
    return r;
}
