/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/scanner.h"

#include <string.h>

/* Fewer characters of base64 than this do not give a key away, and are found in honest words. */
#define MIN_KEY_PART 24

WgwSpan
wgw_span_trim(const char *start, const char *end)
{
    while (start < end && wgw_is_blank(*start))
        start++;
    while (end > start && wgw_is_blank(end[-1]))
        end--;
    return (WgwSpan){start, end - start};
}

void
wgw_scanner_init(WgwScanner *scanner, const char *text, gsize len)
{
    *scanner = (WgwScanner){.next = text, .end = text + len};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        scanner->next += 3;
}

gboolean
wgw_scanner_next(WgwScanner *scanner)
{
    const char *start = scanner->next;
    const char *newline, *hash, *equals, *stop;

    if (start == scanner->end)
        return FALSE;
    newline = memchr(start, '\n', scanner->end - start);
    stop = newline ? newline : scanner->end;
    scanner->next = newline ? newline + 1 : scanner->end;
    scanner->line = (WgwSpan){start, scanner->next - start};
    scanner->number++;

    hash = memchr(start, '#', stop - start);
    scanner->comment = (WgwSpan){hash ? hash : stop, hash ? stop - hash : 0};
    scanner->code = wgw_span_trim(start, scanner->comment.start);
    scanner->key = scanner->code;
    scanner->value = (WgwSpan){scanner->code.start + scanner->code.len, 0};

    stop = scanner->code.start + scanner->code.len;
    equals = memchr(scanner->code.start, '=', scanner->code.len);
    if (scanner->code.len == 0) {
        scanner->kind = WGW_LINE_BLANK;
    } else if (*scanner->code.start == '[') {
        scanner->kind = WGW_LINE_SECTION;
    } else if (equals) {
        scanner->kind = WGW_LINE_KEY;
        scanner->key = wgw_span_trim(scanner->code.start, equals);
        scanner->value = wgw_span_trim(equals + 1, stop);
    } else {
        scanner->kind = WGW_LINE_OTHER;
    }
    return TRUE;
}

gboolean
wgw_span_is(WgwSpan span, const char *word)
{
    for (gsize i = 0; i < span.len; i++) {
        if (wgw_is_blank(span.start[i]))
            continue;
        if (g_ascii_tolower(span.start[i]) != g_ascii_tolower(*word))
            return FALSE;
        if (*word++ == '\0')
            return FALSE;
    }
    return *word == '\0';
}

gboolean
wgw_span_has_blanks(WgwSpan span)
{
    for (gsize i = 0; i < span.len; i++) {
        if (wgw_is_blank(span.start[i]))
            return TRUE;
    }
    return FALSE;
}

gboolean
wgw_span_pack(WgwSpan span, char *buffer, gsize size)
{
    gsize len = 0;

    for (gsize i = 0; i < span.len; i++)
        len += !wgw_is_blank(span.start[i]);
    if (len >= size)
        return FALSE;
    for (gsize i = 0; i < span.len; i++) {
        if (!wgw_is_blank(span.start[i]))
            *buffer++ = span.start[i];
    }
    *buffer = '\0';
    return TRUE;
}

gboolean
wgw_span_looks_like_key(WgwSpan span)
{
    gsize run = 0;

    for (gsize i = 0; i < span.len && run < MIN_KEY_PART; i++) {
        if (g_ascii_isalnum(span.start[i]) || strchr("+/=", span.start[i]))
            run++;
        else if (!wgw_is_blank(span.start[i]))
            run = 0;
    }
    return run >= MIN_KEY_PART;
}
