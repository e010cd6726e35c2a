/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *directory; /* the argument */

static GPtrArray *
read_corpus(void)
{
    GPtrArray *corpus = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        char *contents;
        size_t len;

        g_assert_true(g_file_get_contents(path, &contents, &len, NULL));
        g_ptr_array_add(corpus, g_bytes_new_take(contents, len));
    }
    g_assert_cmpuint(corpus->len, >=, 5);
    return corpus;
}

static void
the_corpus_does_no_harm(void)
{
    g_autoptr(GPtrArray) corpus = read_corpus();

    for (unsigned i = 0; i < corpus->len; i++) {
        size_t len;
        const uint8_t *data = g_bytes_get_data(corpus->pdata[i], &len);

        LLVMFuzzerTestOneInput(data, len);
    }
}

static void
mutations_of_the_corpus_do_no_harm(void)
{
    g_autoptr(GPtrArray) corpus = read_corpus();

    for (unsigned round = 0; round < 1500; round++) {
        g_autoptr(GByteArray) input = g_byte_array_new();
        unsigned pieces = g_test_rand_int_range(1, 4), changes = g_test_rand_int_range(0, 20);

        for (unsigned i = 0; i < pieces; i++) {
            size_t len, from, to;
            const uint8_t *data =
                g_bytes_get_data(corpus->pdata[g_test_rand_int_range(0, corpus->len)], &len);

            from = g_test_rand_int_range(0, len);
            to = g_test_rand_int_range(from, len) + 1;
            g_byte_array_append(input, data + from, to - from);
        }
        for (unsigned i = 0; i < changes; i++)
            input->data[g_test_rand_int_range(0, input->len)] = g_test_rand_int();
        LLVMFuzzerTestOneInput(input->data, input->len);
    }
}

static void
random_bytes_do_no_harm(void)
{
    for (unsigned round = 0; round < 500; round++) {
        uint8_t input[256];
        size_t len = g_test_rand_int_range(1, sizeof input);

        for (size_t i = 0; i < len; i++)
            input[i] = g_test_rand_int();
        LLVMFuzzerTestOneInput(input, len);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    directory = argv[1];
#define CASE(name) g_test_add_func("/" #name, name)
    CASE(the_corpus_does_no_harm);
    CASE(mutations_of_the_corpus_do_no_harm);
    CASE(random_bytes_do_no_harm);
    return g_test_run();
}
