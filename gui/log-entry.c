/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/log-entry.h"

#include <glib/gi18n.h>

struct _WgwLogEntry {
    GObject parent_instance;

    const char *icon_name;
    char *heading;
    char *message;
    char *line;
};

G_DEFINE_FINAL_TYPE(WgwLogEntry, wgw_log_entry, G_TYPE_OBJECT)

enum { PROP_ICON_NAME = 1, PROP_HEADING, PROP_MESSAGE, PROP_LINE, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

static const struct {
    const char *name; /* the contract's */
    const char *word;
    const char *icon_name;
} severities[] = {
    {"info", N_("Information"), NULL},
    {"warning", N_("Warning"), "dialog-warning-symbolic"},
    {"error", N_("Error"), "dialog-error-symbolic"},
};

static void
wgw_log_entry_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    WgwLogEntry *entry = WGW_LOG_ENTRY(object);

    switch (id) {
    case PROP_ICON_NAME:
        g_value_set_string(value, entry->icon_name);
        break;
    case PROP_HEADING:
        g_value_set_string(value, entry->heading);
        break;
    case PROP_MESSAGE:
        g_value_set_string(value, entry->message);
        break;
    case PROP_LINE:
        g_value_set_string(value, entry->line);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_log_entry_finalize(GObject *object)
{
    WgwLogEntry *entry = WGW_LOG_ENTRY(object);

    g_free(entry->heading);
    g_free(entry->message);
    g_free(entry->line);
    G_OBJECT_CLASS(wgw_log_entry_parent_class)->finalize(object);
}

static void
wgw_log_entry_class_init(WgwLogEntryClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    object_class->finalize = wgw_log_entry_finalize;
    object_class->get_property = wgw_log_entry_get_property;
    properties[PROP_ICON_NAME] = g_param_spec_string("icon-name", NULL, NULL, NULL, flags);
    properties[PROP_HEADING] = g_param_spec_string("heading", NULL, NULL, NULL, flags);
    properties[PROP_MESSAGE] = g_param_spec_string("message", NULL, NULL, NULL, flags);
    properties[PROP_LINE] = g_param_spec_string("line", NULL, NULL, NULL, flags);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
wgw_log_entry_init(WgwLogEntry *entry)
{
}

WgwLogEntry *
wgw_log_entry_new(guint64 time, const char *severity, const char *message)
{
    WgwLogEntry *entry = g_object_new(WGW_TYPE_LOG_ENTRY, NULL);
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_local((gint64)(time / G_USEC_PER_SEC));
    g_autofree char *when = date ? g_date_time_format(date, "%x %X") : g_strdup("");
    g_autofree char *stamp = date ? g_date_time_format(date, "%F %T") : g_strdup("");
    const char *word = severity;

    for (gsize i = 0; i < G_N_ELEMENTS(severities); i++)
        if (g_str_equal(severity, severities[i].name)) {
            word = _(severities[i].word);
            entry->icon_name = severities[i].icon_name;
        }
    /* Translators: when something happened, and how grave it is: "27.11.2026 17:30:01 · Warning" */
    entry->heading = g_strdup_printf(_("%s · %s"), when, word);
    entry->message = g_strdup(message);
    entry->line = g_strdup_printf("%s  %s  %s", stamp, severity, message);
    return entry;
}

const char *
wgw_log_entry_get_line(WgwLogEntry *entry)
{
    return entry->line;
}
