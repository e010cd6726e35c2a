/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "cli/format.h"

#include <glib/gi18n.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLUMN_GAP 2

struct WgwTable {
    guint n_columns;
    GPtrArray *cells; /* char *, owned, row after row */
};

char *
wgw_format_line(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *line = g_string_new(NULL);

    for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
        gunichar character = g_utf8_get_char(c);

        g_string_append_unichar(line, g_unichar_iscntrl(character) ? 0xfffd : character);
    }
    return g_string_free(line, FALSE);
}

char *
wgw_format_seconds(gint64 seconds)
{
    if (seconds < 0)
        seconds = 0;
    if (seconds < 60)
        return g_strdup_printf(_("%d s"), (int)seconds);
    if (seconds < 60 * 60)
        return g_strdup_printf(_("%d min"), (int)(seconds / 60));
    if (seconds < 24 * 60 * 60)
        return g_strdup_printf(_("%d h"), (int)(seconds / 60 / 60));
    return g_strdup_printf(_("%d d"), (int)(seconds / 24 / 60 / 60));
}

const char *
wgw_format_state(const char *state)
{
    static const char *const states[] = {N_("starting"), N_("connecting"), N_("connected"),
                                         N_("stalled"),  N_("closing"),    N_("failed")};

    for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
        if (strcmp(states[i], state) == 0)
            return _(states[i]);
    }
    return state;
}

static const char *
sequence(const char *code)
{
    const char *no_colour = g_getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && (!no_colour || !*no_colour) ? code : "";
}

const char *
wgw_format_bold(void)
{
    return sequence("\033[1m");
}

const char *
wgw_format_good(void)
{
    return sequence("\033[32m");
}

const char *
wgw_format_bad(void)
{
    return sequence("\033[1;31m");
}

const char *
wgw_format_plain(void)
{
    return sequence("\033[0m");
}

guint
wgw_format_width(const char *text)
{
    guint width = 0;

    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        gunichar character = g_utf8_get_char(c);

        if (!g_unichar_iszerowidth(character))
            width += g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}

void
wgw_format_print_cell(const char *text, guint width)
{
    guint used = wgw_format_width(text);

    printf("%s%*s", text, used < width ? (int)(width - used) : 0, "");
}

WgwTable *
wgw_table_new(guint n_columns)
{
    WgwTable *table = g_new0(WgwTable, 1);

    table->n_columns = n_columns;
    table->cells = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void
wgw_table_free(WgwTable *table)
{
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void
wgw_table_add(WgwTable *table, ...)
{
    va_list args;

    va_start(args, table);
    for (guint i = 0; i < table->n_columns; i++) {
        const char *cell = va_arg(args, const char *);

        g_ptr_array_add(table->cells, wgw_format_line(cell ? cell : ""));
    }
    va_end(args);
}

void
wgw_table_print(WgwTable *table)
{
    g_autofree guint *widths = g_new0(guint, table->n_columns);

    for (guint i = 0; i < table->cells->len; i++) {
        guint width = wgw_format_width(table->cells->pdata[i]);

        widths[i % table->n_columns] = MAX(widths[i % table->n_columns], width);
    }
    for (guint i = 0; i < table->cells->len; i++) {
        guint column = i % table->n_columns;
        gboolean last = column == table->n_columns - 1;

        if (i == 0)
            fputs(wgw_format_bold(), stdout);
        wgw_format_print_cell(table->cells->pdata[i], last ? 0 : widths[column] + COLUMN_GAP);
        if (i == table->n_columns - 1)
            fputs(wgw_format_plain(), stdout);
        if (last)
            putchar('\n');
    }
}
