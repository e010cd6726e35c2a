/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/format.h"

#include <glib/gi18n.h>

char *
wgw_format_rate(double rate)
{
    g_autofree char *size = g_format_size(rate > 0 ? (guint64)rate : 0);

    /* Translators: an amount of data ("1.2 MB") per second. */
    return g_strdup_printf(_("%s/s"), size);
}

char *
wgw_format_age(guint64 then)
{
    guint64 now = g_get_real_time() / G_USEC_PER_SEC;
    guint64 age = now > then ? now - then : 0;

    if (then == 0)
        return g_strdup(_("never"));
    if (age == 0)
        return g_strdup(_("just now"));
    if (age < 60)
        return g_strdup_printf(ngettext("%u second ago", "%u seconds ago", age), (guint)age);
    age /= 60;
    if (age < 60)
        return g_strdup_printf(ngettext("%u minute ago", "%u minutes ago", age), (guint)age);
    age /= 60;
    if (age < 24)
        return g_strdup_printf(ngettext("%u hour ago", "%u hours ago", age), (guint)age);
    age /= 24;
    return g_strdup_printf(ngettext("%u day ago", "%u days ago", age), (guint)age);
}
