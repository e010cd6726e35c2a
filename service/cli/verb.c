/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "cli/verb.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "cli/format.h"
#include "config.h"

void
wgw_warn(const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    line = wgw_format_line(text);
    fprintf(stderr, "wg-wrap: %s\n", line);
}

int
wgw_fail(GError *error)
{
    g_dbus_error_strip_remote_error(error);
    if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
        wgw_warn(_("The service wg-wrapd cannot be started; wg-wrap doctor says why."));
    else
        wgw_warn("%s", error->message);
    g_error_free(error);
    return WGW_EXIT_FAILURE;
}

const char *
wgw_verb_arguments(const WgwVerb *verb)
{
    /* gettext("") is the catalogue's head. */
    return *verb->arguments ? _(verb->arguments) : "";
}

int
wgw_verb_usage_error(const WgwVerb *verb, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    wgw_warn(_("%s (see: wg-wrap help %s)"), text, verb->name);
    return WGW_EXIT_USAGE;
}

char **
wgw_verb_parse(const WgwVerb *verb, const GOptionEntry *options, char **argv, guint min, guint max)
{
    g_autoptr(GOptionContext) context = g_option_context_new(wgw_verb_arguments(verb));
    g_autofree char *name = g_strconcat("wg-wrap ", verb->name, NULL);
    g_auto(GStrv) arguments = g_strdupv(argv);
    g_auto(GStrv) operands = NULL;
    g_autoptr(GError) error = NULL;
    const GOptionEntry remaining[] = {
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &operands, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    guint n;

    g_set_prgname(name);
    g_option_context_set_summary(context, _(verb->summary));
    g_option_context_add_main_entries(context, remaining, GETTEXT_PACKAGE);
    if (options)
        g_option_context_add_main_entries(context, options, GETTEXT_PACKAGE);
    if (!g_option_context_parse_strv(context, &arguments, &error)) {
        wgw_verb_usage_error(verb, "%s", error->message);
        return NULL;
    }
    if (!operands)
        operands = g_new0(char *, 1);
    n = g_strv_length(operands);
    if (n < min || n > max) {
        wgw_verb_usage_error(
            verb, n < min ? _("An argument is missing: %s") : _("Too many arguments: %s"),
            n < min ? wgw_verb_arguments(verb) : operands[max]);
        return NULL;
    }
    return g_steal_pointer(&operands);
}
