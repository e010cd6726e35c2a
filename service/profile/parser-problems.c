/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/parser-private.h"

#include <glib/gi18n.h>

/* Kept of either severity: a hostile file shall not make a message of the bus too long. */
#define MAX_PROBLEMS 500
/* Bytes of the text in a message. */
#define MAX_QUOTE 60

guint
wgw_parser_column(WgwParser *parser, const char *at)
{
    const char *line = parser->scanner.line.start;

    if (parser->column_line != parser->scanner.number || at < parser->column_at) {
        parser->column_line = parser->scanner.number;
        parser->column_at = line;
        parser->column = 1;
    }
    for (; parser->column_at < at; parser->column_at++)
        parser->column += (*parser->column_at & 0xc0) != 0x80;
    return parser->column;
}

void
wgw_parser_take_problem(WgwParser *parser,
                        guint line,
                        guint column,
                        WgwSeverity severity,
                        const char *code,
                        char *message)
{
    if (parser->n_problems[severity]++ < MAX_PROBLEMS)
        wgw_problems_add(parser->problems, line, column, severity, code, message);
    else
        g_free(message);
}

void
wgw_parser_take_error(WgwParser *parser, const char *at, const char *code, char *message)
{
    wgw_parser_take_problem(parser, parser->scanner.number, wgw_parser_column(parser, at),
                            WGW_SEVERITY_ERROR, code, message);
}

void
wgw_parser_take_warning(WgwParser *parser, const char *at, const char *code, char *message)
{
    wgw_parser_take_problem(parser, parser->scanner.number, wgw_parser_column(parser, at),
                            WGW_SEVERITY_WARNING, code, message);
}

/* The text as a message may show it. Free with g_free. */
static char *
quote(WgwSpan span)
{
    g_autofree char *valid = NULL;
    GString *quoted;

    if (wgw_span_looks_like_key(span))
        return g_strdup(WGW_CONFIG_HIDDEN);
    valid = g_utf8_make_valid(span.start, MIN(span.len, 4 * MAX_QUOTE));
    quoted = g_string_new("\"");
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (p - valid >= MAX_QUOTE) {
            g_string_append(quoted, "…");
            break;
        }
        /* No line breaks, no terminal's escape sequences, no right-to-left overrides. */
        g_string_append_unichar(quoted, g_unichar_isprint(c) ? c : 0xfffd);
    }
    g_string_append_c(quoted, '"');
    return g_string_free(quoted, FALSE);
}

void
wgw_parser_bad_value(WgwParser *parser, WgwSpan span, const char *code, const char *expected)
{
    g_autofree char *quoted = quote(span);

    wgw_parser_take_error(parser, span.start, code,
                          g_strdup_printf(_("Found %s, expected %s."), quoted, expected));
}

static int
compare_places(gconstpointer a, gconstpointer b)
{
    const WgwProblem *x = *(const WgwProblem *const *)a, *y = *(const WgwProblem *const *)b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

void
wgw_parser_finish_problems(WgwParser *parser)
{
    g_ptr_array_sort(parser->problems, compare_places);
    for (int severity = WGW_SEVERITY_WARNING; severity <= WGW_SEVERITY_ERROR; severity++) {
        guint n = parser->n_problems[severity];
        guint more = n > MAX_PROBLEMS ? n - MAX_PROBLEMS : 0;

        if (more)
            wgw_problems_add(parser->problems, parser->scanner.number, 1, severity, "more",
                             g_strdup_printf(severity == WGW_SEVERITY_ERROR
                                                 ? ngettext("There is %u more error.",
                                                            "There are %u more errors.", more)
                                                 : ngettext("There is %u more warning.",
                                                            "There are %u more warnings.", more),
                                             more));
    }
}
