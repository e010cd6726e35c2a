/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * The table of checks, and the thread that goes through it. Whatever can only be known by trying
 * (namespaces, a TUN device) is tried by wg-wrap-probe: unshare() into a user namespace is refused
 * in a process with more than one thread, which every user of this file is. */
#include "diagnostics/checks.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "base/program.h"
#include "diagnostics/check.h"

static const struct {
    const char *name;
    WgwCheckFunc look;
} checks[] = {
    {N_("Kernel"), wgw_check_kernel},
    {N_("User namespaces"), wgw_check_user_namespaces},
    {N_("Network namespaces"), wgw_check_network_namespaces},
    {N_("Private mounts"), wgw_check_mounts},
    {N_("TUN device"), wgw_check_tun},
    {N_("UDP offloads"), wgw_check_offloads},
    {N_("Limits"), wgw_check_limits},
    {N_("Clock"), wgw_check_clock},
    {N_("Runtime directory"), wgw_check_runtime_directory},
    {N_("Profiles directory"), wgw_check_profiles_directory},
    {N_("Host names"), wgw_check_resolver},
    {N_("Session bus"), wgw_check_session_bus},
    {N_("Service"), wgw_check_service},
    {N_("Programs"), wgw_check_programs},
};

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

gboolean
wgw_check_tried(WgwCheck *check, const char *what, int *ret_errno)
{
    gpointer value;

    if (!g_hash_table_lookup_extended(check->probe, what, NULL, &value))
        return FALSE;
    *ret_errno = GPOINTER_TO_INT(value);
    return TRUE;
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

/* The probe writes a line "WHAT ERRNO" for each thing it tries, in order, and ends where nothing
 * further can be tried. Without it the table is empty, and the checks say so. */
static GHashTable *
run_probe(void)
{
    g_autoptr(GHashTable) tried = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char *path = wgw_program_path("wg-wrap-probe");
    g_autofree char *output = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_spawn_sync(NULL, (char *[]){path, NULL}, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                      &output, NULL, NULL, NULL)) {
        free(path);
        return g_steal_pointer(&tried);
    }
    free(path);
    lines = g_strsplit(output, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_strsplit(*line, " ", 2);
        guint64 number;

        if (g_strv_length(words) == 2 &&
            g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT, &number, NULL))
            g_hash_table_insert(tried, g_steal_pointer(&words[0]), GINT_TO_POINTER((int)number));
    }
    return g_steal_pointer(&tried);
}

GVariant *
wgw_diagnostics_run(GDBusConnection *bus)
{
    g_autoptr(GHashTable) probe = run_probe();
    g_auto(GVariantBuilder) report = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sbss)"));

    for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
        WgwCheck check = {.bus = bus, .probe = probe};
        g_autofree char *found = NULL;

        checks[i].look(&check);
        g_assert(check.found);
        found = g_utf8_make_valid(check.found, -1);
        g_variant_builder_add(&report, "(sbss)", _(checks[i].name), check.passed, found,
                              check.advice);
        g_free(check.found);
        g_free(check.advice);
    }
    return g_variant_ref_sink(g_variant_builder_end(&report));
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
