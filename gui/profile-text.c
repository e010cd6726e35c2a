/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/profile-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* "nl-14.ams.conf" is the tunnel "nl-14.ams", and ".conf" is what it is. */
static char *
dup_wish(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot > name ? g_strndup(name, (gsize)(dot - name)) : g_strdup(name);
}

WgwProfileText *
wgw_profile_text_new(const char *label, const char *name, const char *bytes, gsize size)
{
    WgwProfileText *text;

    if (size == 0)
        return wgw_profile_text_new_problem(label, g_strdup(_("There is nothing in it.")));
    if (size > WGW_PROFILE_TEXT_MAX)
        return wgw_profile_text_new_problem(
            label, g_strdup(_("This is larger than 1 MiB, and no profile.")));
    if (memchr(bytes, '\0', size))
        return wgw_profile_text_new_problem(label, g_strdup(_("This is not a text file.")));
    text = g_new0(WgwProfileText, 1);
    text->label = g_strdup(label);
    text->wish = dup_wish(name);
    text->text = g_strndup(bytes, size);
    return text;
}

WgwProfileText *
wgw_profile_text_new_problem(const char *label, char *problem)
{
    WgwProfileText *text = g_new0(WgwProfileText, 1);

    text->label = g_strdup(label);
    text->problem = problem;
    return text;
}

void
wgw_profile_text_free(WgwProfileText *text)
{
    g_free(text->label);
    g_free(text->wish);
    wgw_config_text_free(text->text);
    g_free(text->problem);
    g_free(text);
}
