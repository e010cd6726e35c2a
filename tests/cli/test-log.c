/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * A log keeps its last entries, in order, each at a time of its own, whatever is said and whatever the
 * clock does; and it says each to the journal. */
#include "dbus/log.h"

#include <string.h>

#define FAR_AHEAD (G_GUINT64_CONSTANT(4000000000) * G_USEC_PER_SEC)

/* What the process's own log got last. */
static struct {
    char *message;
    char *priority;
    char *profile;
} written;

static GLogWriterOutput
writer(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
    for (gsize i = 0; i < n_fields; i++) {
        char **to = strcmp(fields[i].key, "MESSAGE") == 0           ? &written.message
                    : strcmp(fields[i].key, "PRIORITY") == 0        ? &written.priority
                    : strcmp(fields[i].key, "WG_WRAP_PROFILE") == 0 ? &written.profile
                                                                    : NULL;

        g_assert_cmpint(fields[i].length, ==, -1);
        if (to) {
            g_free(*to);
            *to = g_strdup(fields[i].value);
        }
    }
    return G_LOG_WRITER_HANDLED;
}

static void
assert_messages(WgwLog *log, guint64 after, const char *const *expected)
{
    g_autoptr(GVariant) entries = g_variant_ref_sink(wgw_log_to_variant(log, after));
    guint64 last = after;

    g_assert_cmpint(g_variant_n_children(entries), ==, g_strv_length((char **)expected));
    for (gsize i = 0; expected[i]; i++) {
        const char *message;
        guint64 time;

        g_variant_get_child(entries, i, "(t&s&s)", &time, NULL, &message);
        g_assert_cmpstr(message, ==, expected[i]);
        g_assert_cmpint(time, >, last);
        last = time;
    }
}

static guint64
get_time(GVariant *entry)
{
    guint64 time;

    g_assert_nonnull(entry);
    g_variant_get_child(entry, 0, "t", &time);
    return time;
}

static void
test_only_the_last_entries_are_kept(void)
{
    g_autoptr(WgwLog) log = wgw_log_new("work");
    g_autoptr(GVariant) entries = NULL;
    guint64 last = 0;

    for (guint i = 0; i < 3 * WGW_LOG_MAX_ENTRIES + 1; i++) {
        g_autofree char *message = g_strdup_printf("%u", i);

        wgw_log_add(log, WGW_LOG_INFO, message);
    }
    entries = g_variant_ref_sink(wgw_log_to_variant(log, 0));
    g_assert_cmpint(g_variant_n_children(entries), ==, WGW_LOG_MAX_ENTRIES);
    for (guint i = 0; i < WGW_LOG_MAX_ENTRIES; i++) {
        g_autofree char *expected = g_strdup_printf("%u", 2 * WGW_LOG_MAX_ENTRIES + 1 + i);
        const char *message;
        guint64 time;

        g_variant_get_child(entries, i, "(t&s&s)", &time, NULL, &message);
        g_assert_cmpstr(message, ==, expected);
        g_assert_cmpint(time, >, last);
        last = time;
    }
}

static void
test_a_time_is_a_place(void)
{
    g_autoptr(WgwLog) log = wgw_log_new("work");
    guint64 first, last;

    assert_messages(log, 0, (const char *[]){NULL});
    first = get_time(wgw_log_add(log, WGW_LOG_INFO, "a"));
    wgw_log_add(log, WGW_LOG_INFO, "a"); /* perhaps in the same microsecond */
    last = get_time(wgw_log_add(log, WGW_LOG_INFO, "b"));
    assert_messages(log, 0, (const char *[]){"a", "a", "b", NULL});
    assert_messages(log, first, (const char *[]){"a", "b", NULL});
    assert_messages(log, last - 1, (const char *[]){"b", NULL});
    assert_messages(log, last, (const char *[]){NULL});
    assert_messages(log, G_MAXUINT64, (const char *[]){NULL});
}

static void
test_a_clock_that_is_set_back_changes_no_order(void)
{
    g_autoptr(WgwLog) log = wgw_log_new("work");

    wgw_log_append(log, g_variant_new("(tss)", FAR_AHEAD, "info", "before"));
    g_assert_cmpint(get_time(wgw_log_add(log, WGW_LOG_INFO, "after")), ==, FAR_AHEAD + 1);
    g_assert_cmpint(
        get_time(wgw_log_append(log, g_variant_new("(tss)", FAR_AHEAD, "info", "last"))), ==,
        FAR_AHEAD + 2);
    assert_messages(log, 0, (const char *[]){"before", "after", "last", NULL});
}

static void
test_what_another_log_had_is_entered_once(void)
{
    g_autoptr(WgwLog) log = wgw_log_new("work");

    for (guint round = 0; round < 2; round++)
        for (guint64 time = 1; time < 4; time++) {
            GVariant *entry = wgw_log_append(log, g_variant_new("(tss)", time, "error", "x"));

            g_assert_cmpint(entry != NULL, ==, round == 0);
            if (entry)
                g_assert_cmpint(get_time(entry), ==, time);
        }
    assert_messages(log, 0, (const char *[]){"x", "x", "x", NULL});
}

static void
test_hostile_words_are_short_and_valid(void)
{
    g_autoptr(WgwLog) log = wgw_log_new("work");
    g_autofree char *letters = g_strnfill(1000000, 'x');
    g_autofree char *flood = g_strconcat("ä", letters, NULL);
    g_autofree char *wide = g_strconcat("\xff", letters, NULL);
    const char *message;

    g_variant_get_child(wgw_log_add(log, WGW_LOG_INFO, flood), 2, "&s", &message);
    g_assert_cmpint(g_utf8_strlen(message, -1), ==, WGW_LOG_MAX_LENGTH);
    g_assert_true(g_str_has_prefix(message, "äxx") && g_str_has_suffix(message, "x…"));
    g_variant_get_child(wgw_log_add(log, WGW_LOG_INFO, wide), 2, "&s", &message);
    g_assert_cmpint(g_utf8_strlen(message, -1), ==, WGW_LOG_MAX_LENGTH);
    g_assert_true(g_str_has_prefix(message, "\xef\xbf\xbdxx"));
}

static void
test_each_entry_is_written_with_its_profile(void)
{
    static const struct {
        WgwLogSeverity severity;
        const char *word;
        const char *priority;
    } cases[] = {
        {WGW_LOG_INFO, "info", "6"},
        {WGW_LOG_WARNING, "warning", "4"},
        {WGW_LOG_ERROR, "error", "3"},
    };
    g_autoptr(WgwLog) log = wgw_log_new("my work");

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *severity;

        g_variant_get_child(wgw_log_add(log, cases[i].severity, "Connected."), 1, "&s", &severity);
        g_assert_cmpstr(severity, ==, cases[i].word);
        g_assert_cmpstr(written.message, ==, "my work: Connected.");
        g_assert_cmpstr(written.priority, ==, cases[i].priority);
        g_assert_cmpstr(written.profile, ==, "my work");
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_log_set_writer_func(writer, NULL, NULL);
    g_test_add_func("/log/only-the-last-entries-are-kept", test_only_the_last_entries_are_kept);
    g_test_add_func("/log/a-time-is-a-place", test_a_time_is_a_place);
    g_test_add_func("/log/a-clock-that-is-set-back-changes-no-order",
                    test_a_clock_that_is_set_back_changes_no_order);
    g_test_add_func("/log/what-another-log-had-is-entered-once",
                    test_what_another_log_had_is_entered_once);
    g_test_add_func("/log/hostile-words-are-short-and-valid",
                    test_hostile_words_are_short_and_valid);
    g_test_add_func("/log/each-entry-is-written-with-its-profile",
                    test_each_entry_is_written_with_its_profile);
    return g_test_run();
}
