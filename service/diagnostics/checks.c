/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * The table of checks, and the thread that goes through it. */
#include "diagnostics/checks.h"

#include <glib/gi18n.h>
#include <string.h>

#include "diagnostics/check.h"

static const WgwCheckRow checks[] = {
    {"kernel", N_("Kernel"), wgw_check_kernel},
    {"tun-device", N_("TUN device"), wgw_check_tun},
    {"namespaces", N_("Namespaces"), wgw_check_box},
    {"udp-offloads", N_("UDP offloads"), wgw_check_offloads},
    {"limits", N_("Limits"), wgw_check_limits},
    {"clock", N_("Clock"), wgw_check_clock},
    {"runtime-directory", N_("Runtime directory"), wgw_check_runtime_directory},
    {"profiles-directory", N_("Profiles directory"), wgw_check_profiles_directory},
    {"host-names", N_("Host names"), wgw_check_resolver},
    {"session-bus", N_("Session bus"), wgw_check_session_bus},
    {"service", N_("Service"), wgw_check_service},
    {"programs", N_("Programs"), wgw_check_programs},
};

static void
settle(WgwCheck *check, gboolean passed, const char *advice, const char *format, va_list args)
    G_GNUC_PRINTF(4, 0);

static void
settle(WgwCheck *check, gboolean passed, const char *advice, const char *format, va_list args)
{
    g_assert(!check->found);
    check->passed = passed;
    check->advice = g_strdup(advice);
    check->found = g_strdup_vprintf(format, args);
}

void
wgw_check_pass(WgwCheck *check, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    settle(check, TRUE, "", format, args);
    va_end(args);
}

void
wgw_check_fail(WgwCheck *check, const char *advice, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    settle(check, FALSE, advice, format, args);
    va_end(args);
}

char *
wgw_check_dup_tilde(const char *path)
{
    const char *home = g_get_home_dir();
    gsize length = strlen(home);

    if (length > 1 && strncmp(path, home, length) == 0 &&
        (path[length] == '/' || path[length] == '\0'))
        return g_strconcat("~", path + length, NULL);
    return g_strdup(path);
}

GVariant *
wgw_checks_run(const WgwCheckRow *rows, gsize n, const WgwCheck *with)
{
    g_auto(GVariantBuilder) report = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ssbss)"));

    for (gsize i = 0; i < n; i++) {
        WgwCheck check = *with;
        g_autofree char *found = NULL;
        g_autofree char *advice = NULL;

        rows[i].look(&check);
        g_assert(check.found);
        found = g_utf8_make_valid(check.found, -1);
        advice = g_utf8_make_valid(check.advice, -1);
        g_variant_builder_add(&report, "(ssbss)", rows[i].id, _(rows[i].name), check.passed, found,
                              advice);
        g_free(check.found);
        g_free(check.advice);
    }
    return g_variant_ref_sink(g_variant_builder_end(&report));
}

GVariant *
wgw_checks_drop_ids(GVariant *rows)
{
    g_auto(GVariantBuilder) report = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sbss)"));
    GVariantIter iter;
    const char *name, *found, *advice;
    gboolean passed;

    g_variant_iter_init(&iter, rows);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", NULL, &name, &passed, &found, &advice))
        g_variant_builder_add(&report, "(sbss)", name, passed, found, advice);
    return g_variant_builder_end(&report);
}

GVariant *
wgw_diagnostics_run(GDBusConnection *bus)
{
    return wgw_checks_run(checks, G_N_ELEMENTS(checks), &(WgwCheck){.bus = bus});
}

static void
run_in_thread(GTask *task, gpointer source, gpointer bus, GCancellable *cancellable)
{
    g_task_return_pointer(task, wgw_diagnostics_run(bus), (GDestroyNotify)g_variant_unref);
}

void
wgw_diagnostics_run_async(GDBusConnection *bus,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);

    g_task_set_source_tag(task, wgw_diagnostics_run_async);
    if (bus)
        g_task_set_task_data(task, g_object_ref(bus), g_object_unref);
    g_task_run_in_thread(task, run_in_thread);
}

GVariant *
wgw_diagnostics_run_finish(GAsyncResult *result, GError **error)
{
    g_return_val_if_fail(g_task_is_valid(result, NULL), NULL);
    return g_task_propagate_pointer(G_TASK(result), error);
}
