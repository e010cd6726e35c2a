/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * The report has a row for each check, advice exactly where something failed, and believes the
 * probe and nothing else about namespaces. A shell script stands in for the probe. */
#include "diagnostics/checks.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "diagnostics/check.h"

static char *programs; /* $WG_WRAP_PROGRAMS */

static void
set_probe(const char *script)
{
    g_autofree char *path = g_build_filename(programs, "wg-wrap-probe", NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", script);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0755), ==, 0);
}

/* The row of the report for the check of that ID; everything in it is lent by @report. */
static gboolean
find_row(GVariant *report, const char *id, const char **ret_found, const char **ret_advice)
{
    GVariantIter iter;
    const char *row;
    gboolean passed;

    g_variant_iter_init(&iter, report);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", &row, NULL, &passed, ret_found, ret_advice)) {
        if (strcmp(row, id) == 0)
            return passed;
    }
    g_error("no row %s", id);
}

static void
test_advice_where_it_failed(void)
{
    static const char *const probes[] = {
        "exit 0",
        "echo what; echo advice; exit 1",
        "echo what; exit 1",
        "echo what; echo; exit 1",
        "echo; echo advice; exit 1",
        "exit 1",
        "kill -9 $$",
        "head -c 100000 /dev/urandom; exit 1",
        "printf '\\377\\nadvice\\377\\n'; exit 1",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(probes); i++) {
        g_autoptr(GVariant) report = NULL;
        GVariantIter iter;
        const char *id;
        const char *name;
        const char *found;
        const char *advice;
        gboolean passed;

        set_probe(probes[i]);
        report = wgw_diagnostics_run(NULL);
        g_assert_cmpstr(g_variant_get_type_string(report), ==, "a(ssbss)");
        g_assert_cmpuint(g_variant_n_children(report), ==, 12);
        g_variant_iter_init(&iter, report);
        while (g_variant_iter_next(&iter, "(&s&sb&s&s)", &id, &name, &passed, &found, &advice)) {
            g_assert_cmpstr(id, !=, "");
            g_assert_cmpstr(name, !=, "");
            g_assert_cmpstr(found, !=, "");
            g_assert_true(passed == (*advice == '\0'));
        }
    }
}

static void
test_believes_the_probe(void)
{
    g_autoptr(GVariant) good = NULL;
    g_autoptr(GVariant) bad = NULL;
    const char *found;
    const char *advice;

    set_probe("exit 0");
    good = wgw_diagnostics_run(NULL);
    g_assert_true(find_row(good, "namespaces", &found, &advice));
    set_probe("echo mounts: mount /etc: Permission denied; echo Ask the house.; exit 1");
    bad = wgw_diagnostics_run(NULL);
    g_assert_false(find_row(bad, "namespaces", &found, &advice));
    g_assert_cmpstr(found, ==, "mounts: mount /etc: Permission denied");
    g_assert_cmpstr(advice, ==, "Ask the house.");
}

static void
test_names_what_is_missing(void)
{
    g_autoptr(GVariant) report = NULL;
    const char *found;
    const char *advice;

    set_probe("exit 0");
    report = wgw_diagnostics_run(NULL);
    g_assert_false(find_row(report, "programs", &found, &advice));
    g_assert_nonnull(strstr(found, "wg-wrap-supervisor"));
    g_assert_null(strstr(found, "wg-wrap-probe"));
    g_assert_false(find_row(report, "session-bus", &found, &advice));
    g_assert_false(find_row(report, "service", &found, &advice));
}

static void
test_home_is_a_tilde(void)
{
    g_autofree char *inside = g_build_filename(g_get_home_dir(), "a", NULL);
    g_autofree char *beside = g_strconcat(g_get_home_dir(), "-a", NULL);
    g_autofree char *shown_home = wgw_check_dup_tilde(g_get_home_dir());
    g_autofree char *shown_inside = wgw_check_dup_tilde(inside);
    g_autofree char *shown_beside = wgw_check_dup_tilde(beside);

    g_assert_cmpstr(shown_home, ==, "~");
    g_assert_cmpstr(shown_inside, ==, "~/a");
    g_assert_cmpstr(shown_beside, ==, beside);
}

static void
on_done(GObject *source, GAsyncResult *result, gpointer ret_result)
{
    *(GAsyncResult **)ret_result = g_object_ref(result);
}

static void
test_asynchronous(void)
{
    g_autoptr(GAsyncResult) result = NULL;
    g_autoptr(GAsyncResult) cancelled = NULL;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GVariant) report = NULL;
    g_autoptr(GError) error = NULL;

    set_probe("exit 0");
    wgw_diagnostics_run_async(NULL, NULL, on_done, &result);
    g_assert_null(result);
    wgw_diagnostics_run_async(NULL, cancellable, on_done, &cancelled);
    g_cancellable_cancel(cancellable);
    while (!result || !cancelled)
        g_main_context_iteration(NULL, TRUE);
    report = wgw_diagnostics_run_finish(result, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_variant_n_children(report), ==, 12);
    g_assert_null(wgw_diagnostics_run_finish(cancelled, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main(int argc, char **argv)
{
    g_autofree char *probe = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    programs = g_dir_make_tmp("wg-wrap-checks-XXXXXX", NULL);
    g_setenv("WG_WRAP_PROGRAMS", programs, TRUE);
    g_test_add_func("/checks/advice-where-it-failed", test_advice_where_it_failed);
    g_test_add_func("/checks/believes-the-probe", test_believes_the_probe);
    g_test_add_func("/checks/names-what-is-missing", test_names_what_is_missing);
    g_test_add_func("/checks/home-is-a-tilde", test_home_is_a_tilde);
    g_test_add_func("/checks/asynchronous", test_asynchronous);
    status = g_test_run();
    probe = g_build_filename(programs, "wg-wrap-probe", NULL);
    g_unlink(probe);
    g_rmdir(programs);
    g_free(programs);
    return status;
}
