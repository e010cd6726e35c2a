/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* A stretch of the text, not NUL-terminated. */
typedef struct {
    const char *start;
    gsize len;
} WgwSpan;

typedef enum {
    WGW_LINE_BLANK,   /* nothing, or only a comment */
    WGW_LINE_SECTION, /* begins with "[" */
    WGW_LINE_KEY,     /* has a "=": key and value are set, either may be empty */
    WGW_LINE_OTHER,   /* neither; key is the whole of it */
} WgwLineKind;

/* One line after the other of a wg-quick configuration, cut up but not understood. Made for texts
 * with mistakes; the spans concatenate to the text, so that what is not changed stays. */
typedef struct {
    const char *next, *end; /* what is left of the text */

    guint number;     /* of the line, from 1 */
    WgwSpan line;     /* with its line end */
    WgwSpan code;     /* without comment, and without blanks around it */
    WgwSpan comment;  /* from "#" to the line end, or empty */
    WgwLineKind kind; /* of code */
    WgwSpan key;      /* without blanks around it */
    WgwSpan value;    /* without blanks around it */
} WgwScanner;

/* wgw_scanner_init - begin with a text, behind its byte order mark if it has one. */
void wgw_scanner_init(WgwScanner *scanner, const char *text, gsize len);

/* wgw_scanner_next - go to the next line; FALSE after the last. */
gboolean wgw_scanner_next(WgwScanner *scanner);

/* wgw_span_trim - what is left from start to end without the blanks around it. */
WgwSpan wgw_span_trim(const char *start, const char *end);

/* wgw_span_is - whether the span is word, but for case and, as in wg(8), blanks
 * anywhere. */
gboolean wgw_span_is(WgwSpan span, const char *word);

/* wgw_span_has_blanks - whether there is a blank in it. */
gboolean wgw_span_has_blanks(WgwSpan span);

/* wgw_span_pack - copy the span without its blanks, and a NUL. FALSE if size bytes do not hold it;
 * then nothing was written. */
gboolean wgw_span_pack(WgwSpan span, char *buffer, gsize size);

/* wgw_span_looks_like_key - whether the span might be a private key or a part of one, and is better
 * not shown. */
gboolean wgw_span_looks_like_key(WgwSpan span);

/* wgw_is_blank - the characters that wg(8) takes for blanks. */
static inline gboolean
wgw_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
