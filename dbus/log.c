/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "dbus/log.h"

struct _WgwLog {
    char *name;
    GQueue entries; /* GVariant (tss), owned, the latest last */
};

/* By WgwLogSeverity; priorities are those of syslog(3). */
static const struct {
    const char *name;
    const char *priority;
} severities[] = {
    [WGW_LOG_INFO] = {"info", "6"},
    [WGW_LOG_WARNING] = {"warning", "4"},
    [WGW_LOG_ERROR] = {"error", "3"},
};

static guint64
get_time(GVariant *entry)
{
    guint64 time;

    g_variant_get_child(entry, 0, "t", &time);
    return time;
}

/* D-Bus takes UTF-8 only. */
static char *
dup_text(const char *message)
{
    g_autofree char *valid = g_utf8_make_valid(message, -1);
    g_autofree char *cut = NULL;

    if (g_utf8_strlen(valid, -1) <= WGW_LOG_MAX_LENGTH)
        return g_steal_pointer(&valid);
    cut = g_utf8_substring(valid, 0, WGW_LOG_MAX_LENGTH - 1);
    return g_strconcat(cut, "…", NULL);
}

/* The level is always the same: with G_DEBUG=fatal-warnings, a warning would end us. */
static void
write_journal(const char *name, const char *priority, const char *message)
{
    g_autofree char *text = g_strdup_printf("%s: %s", name, message);
    const GLogField fields[] = {
        {"PRIORITY", priority, -1},
        {"MESSAGE", text, -1},
        {"WG_WRAP_PROFILE", name, -1},
    };

    g_log_structured_array(G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS(fields));
}

/* The clock may have been set back since the last. */
static GVariant *
enter(WgwLog *log, guint64 time, const char *severity, const char *message)
{
    GVariant *last = g_queue_peek_tail(&log->entries);
    GVariant *entry =
        g_variant_new("(tss)", last ? MAX(time, get_time(last) + 1) : time, severity, message);

    if (log->entries.length == WGW_LOG_MAX_ENTRIES)
        g_variant_unref(g_queue_pop_head(&log->entries));
    g_queue_push_tail(&log->entries, g_variant_ref_sink(entry));
    return entry;
}

WgwLog *
wgw_log_new(const char *name)
{
    WgwLog *log = g_new0(WgwLog, 1);

    log->name = g_strdup(name);
    return log;
}

void
wgw_log_free(WgwLog *log)
{
    g_queue_clear_full(&log->entries, (GDestroyNotify)g_variant_unref);
    g_free(log->name);
    g_free(log);
}

GVariant *
wgw_log_add(WgwLog *log, WgwLogSeverity severity, const char *message)
{
    g_autofree char *text = dup_text(message);

    write_journal(log->name, severities[severity].priority, text);
    return enter(log, (guint64)g_get_real_time(), severities[severity].name, text);
}

GVariant *
wgw_log_append(WgwLog *log, GVariant *entry)
{
    g_autoptr(GVariant) owned = g_variant_ref_sink(entry);
    const char *severity, *message;
    guint64 time;

    g_variant_get(owned, "(t&s&s)", &time, &severity, &message);
    for (GList *link = log->entries.tail; link && get_time(link->data) >= time; link = link->prev)
        if (g_variant_equal(link->data, owned))
            return NULL;
    return enter(log, time, severity, message);
}

GVariant *
wgw_log_to_variant(WgwLog *log, guint64 after)
{
    GVariantBuilder builder;
    GList *first = NULL;

    for (GList *link = log->entries.tail; link && get_time(link->data) > after; link = link->prev)
        first = link;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(tss)"));
    for (; first; first = first->next)
        g_variant_builder_add_value(&builder, first->data);
    return g_variant_builder_end(&builder);
}
