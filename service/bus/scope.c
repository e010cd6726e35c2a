/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/scope.h"

#include <string.h>

#define SYSTEMD "org.freedesktop.systemd1"

/* Of a unit's name, in bytes; what is left for the application's in it. */
#define MAX_NAME 160

/* systemd.unit(5), "String Escaping". A "-" parts the parts of a scope's name. */
static void
append_escaped(GString *unit, const char *name)
{
    gsize start = unit->len;

    for (const char *p = name; *p && unit->len - start < MAX_NAME; p++) {
        if (g_ascii_isalnum(*p) || *p == '_' || *p == ':' || (*p == '.' && p != name))
            g_string_append_c(unit, *p);
        else
            g_string_append_printf(unit, "\\x%02x", (guchar)*p);
    }
}

static char *
dup_unit(guint pid, const char *desktop_id, const char *name)
{
    GString *unit = g_string_new("app-wgwrap-");
    g_autofree char *id = g_str_has_suffix(desktop_id, ".desktop")
                              ? g_strndup(desktop_id, strlen(desktop_id) - strlen(".desktop"))
                              : g_strdup(desktop_id);

    append_escaped(unit, *id ? id : *name ? name : "program");
    g_string_append_printf(unit, "-%u.scope", pid);
    return g_string_free(unit, FALSE);
}

static void
on_made(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

    /* No systemd; or the program has ended already. */
    if (!reply)
        g_debug("scope: %s", error->message);
}

void
wgw_scope_make(GDBusConnection *connection,
               guint pid,
               const char *desktop_id,
               const char *name,
               const char *profile)
{
    g_autofree char *unit = dup_unit(pid, desktop_id, name);
    g_autofree char *description = g_strdup_printf("%s (%s)", name, profile);
    GVariantBuilder properties = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sv)"));

    g_variant_builder_add(&properties, "(sv)", "Description", g_variant_new_string(description));
    g_variant_builder_add(&properties, "(sv)", "Slice", g_variant_new_string("app.slice"));
    g_variant_builder_add(&properties, "(sv)", "CollectMode",
                          g_variant_new_string("inactive-or-failed"));
    g_variant_builder_add(&properties, "(sv)", "PIDs",
                          g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, &pid, 1, sizeof pid));
    g_dbus_connection_call(
        connection, SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager", "StartTransientUnit",
        g_variant_new("(ssa(sv)a(sa(sv)))", unit, "fail", &properties, NULL), G_VARIANT_TYPE("(o)"),
        G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_made, NULL);
}
