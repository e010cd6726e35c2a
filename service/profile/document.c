/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/document.h"

#include <string.h>

#include "profile/config.h"
#include "profile/hash.h"
#include "profile/scanner.h"

/*
 * A line is code and comment. The code of a PrivateKey or PresharedKey line is a name and a secret
 * value, found by what they mean. Every other code and every comment is loose text: its image is
 * the text with "(hidden)" for what may be a key. Restoring goes back from an image to the text
 * that it was made from, and takes values where they belong, wherever their line has moved to.
 */

/* As many characters of base64, and a "=" behind them, are a key or most of one; a path is not. */
#define MIN_LOOSE_KEY 40

static guint
text_hash(gconstpointer text)
{
    return wgw_hash_bytes(text, strlen(text));
}

static gboolean
is_base64(char c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '/';
}

/* Whether the text before p ends with name and a separator ("PrivateKey = "). */
static gboolean
follows_name(const char *start, const char *p, const char *name)
{
    gsize len = strlen(name);

    while (p > start && wgw_is_blank(p[-1]))
        p--;
    if (p == start || (p[-1] != '=' && p[-1] != ':'))
        return FALSE;
    p--;
    while (p > start && wgw_is_blank(p[-1]))
        p--;
    return (gsize)(p - start) >= len && g_ascii_strncasecmp(p - len, name, len) == 0;
}

/* Append what may be shown of a loose text, as valid UTF-8. */
static void
append_image(GString *image, WgwSpan span)
{
    const char *start = span.start, *end = start + span.len, *shown = start;
    g_autoptr(GString) hidden = g_string_sized_new(span.len);
    g_autofree char *valid = NULL;

    for (const char *p = start; p < end;) {
        const char *word = p, *padding;
        gboolean named;

        if (!is_base64(*p)) {
            p++;
            continue;
        }
        while (p < end && is_base64(*p))
            p++;
        for (padding = p; p < end && *p == '=';)
            p++;
        named =
            follows_name(start, word, "PrivateKey") || follows_name(start, word, "PresharedKey");
        if (!named && (padding - word < MIN_LOOSE_KEY || p == padding ||
                       follows_name(start, word, "PublicKey")))
            continue;
        g_string_append_len(hidden, shown, word - shown);
        g_string_append(hidden, WGW_CONFIG_HIDDEN);
        shown = p;
    }
    g_string_append_len(hidden, shown, end - shown);
    valid = g_utf8_make_valid(hidden->str, hidden->len);
    g_string_append(image, valid);
}

static gboolean
is_secret(const WgwScanner *scanner)
{
    return scanner->kind == WGW_LINE_KEY && scanner->value.len > 0 &&
           (wgw_span_is(scanner->key, "PrivateKey") || wgw_span_is(scanner->key, "PresharedKey"));
}

/* The image of a code that is no secret's. */
static void
append_code_image(GString *image, const WgwScanner *scanner)
{
    if (scanner->kind == WGW_LINE_KEY && wgw_span_is(scanner->key, "PublicKey")) {
        g_autofree char *valid = g_utf8_make_valid(scanner->code.start, scanner->code.len);

        g_string_append(image, valid);
        return;
    }
    /* The rest of a key that was broken over two lines has no name before it. */
    if ((scanner->kind == WGW_LINE_OTHER ||
         (scanner->kind == WGW_LINE_KEY && scanner->value.len == 0)) &&
        wgw_span_looks_like_key(scanner->code))
        g_string_append(image, WGW_CONFIG_HIDDEN);
    else
        append_image(image, scanner->code);
}

char *
wgw_document_hide_secrets(const char *text, gsize len)
{
    GString *shown = g_string_sized_new(len);
    WgwScanner scanner;

    wgw_scanner_init(&scanner, text, len);
    g_string_append_len(shown, text, scanner.next - text);
    while (wgw_scanner_next(&scanner)) {
        const char *code_end = scanner.code.start + scanner.code.len;
        const char *comment_end = scanner.comment.start + scanner.comment.len;

        g_string_append_len(shown, scanner.line.start, scanner.code.start - scanner.line.start);
        if (is_secret(&scanner)) {
            g_string_append_len(shown, scanner.code.start,
                                scanner.value.start - scanner.code.start);
            g_string_append(shown, WGW_CONFIG_HIDDEN);
        } else {
            append_code_image(shown, &scanner);
        }
        g_string_append_len(shown, code_end, scanner.comment.start - code_end);
        append_image(shown, scanner.comment);
        g_string_append_len(shown, comment_end, scanner.next - comment_end);
    }
    return g_string_free(shown, FALSE);
}

/* What the old text knows: queues of WgwSpan, owned, whose text is lent by it. */
typedef struct {
    GHashTable *secrets;   /* whose secret it is, see secret_id() -> GQueue of values */
    GHashTable *originals; /* image -> GQueue of texts */
} Memory;

static void
queue_free(gpointer queue)
{
    g_queue_free_full(queue, g_free);
}

static void
memory_init(Memory *memory)
{
    memory->secrets = g_hash_table_new_full(text_hash, g_str_equal, g_free, queue_free);
    memory->originals = g_hash_table_new_full(text_hash, g_str_equal, g_free, queue_free);
}

static void
memory_clear(Memory *memory)
{
    g_hash_table_unref(memory->secrets);
    g_hash_table_unref(memory->originals);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Memory, memory_clear)

static void
remember(GHashTable *queues, const char *name, WgwSpan span)
{
    GQueue *queue = g_hash_table_lookup(queues, name);

    if (!queue) {
        queue = g_queue_new();
        g_hash_table_insert(queues, g_strdup(name), queue);
    }
    g_queue_push_tail(queue, g_memdup2(&span, sizeof span));
}

/* The oldest of what is remembered under the name, or otherwise. */
static WgwSpan
recall(GHashTable *queues, const char *name, WgwSpan otherwise)
{
    GQueue *queue = g_hash_table_lookup(queues, name);
    g_autofree WgwSpan *span = queue ? g_queue_pop_head(queue) : NULL;

    return span ? *span : otherwise;
}

/* What a peer is called: its public key without blanks, as it is shown. */
static char *
peer_name(WgwSpan public_key)
{
    g_autofree char *valid = g_utf8_make_valid(public_key.start, public_key.len);
    GString *name = g_string_new("peer ");

    for (const char *p = valid; *p; p++) {
        if (!wgw_is_blank(*p))
            g_string_append_c(name, *p);
    }
    return g_string_free(name, FALSE);
}

/* A name for each section, the text before the first one included: its peer's, or its number. */
static GPtrArray *
name_sections(const char *text, gsize len)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    WgwScanner scanner;

    g_ptr_array_add(names, g_strdup("0"));
    wgw_scanner_init(&scanner, text, len);
    while (wgw_scanner_next(&scanner)) {
        if (scanner.kind == WGW_LINE_SECTION) {
            g_ptr_array_add(names, g_strdup_printf("%u", names->len));
        } else if (scanner.kind == WGW_LINE_KEY && wgw_span_is(scanner.key, "PublicKey")) {
            g_free(names->pdata[names->len - 1]);
            names->pdata[names->len - 1] = peer_name(scanner.value);
        }
    }
    return names;
}

/* Whose secret the line has: the interface's, or that of the peer whose section it is in. */
static const char *
secret_id(const WgwScanner *scanner, GPtrArray *names, guint section)
{
    return wgw_span_is(scanner->key, "PrivateKey") ? "interface" : names->pdata[section];
}

static void
remember_original(Memory *memory, WgwSpan span, const char *image)
{
    if (strlen(image) != span.len || memcmp(image, span.start, span.len) != 0)
        remember(memory->originals, image, span);
}

static void
remember_text(Memory *memory, const char *text, gsize len)
{
    g_autoptr(GPtrArray) names = name_sections(text, len);
    guint section = 0;
    WgwScanner scanner;

    wgw_scanner_init(&scanner, text, len);
    while (wgw_scanner_next(&scanner)) {
        g_autoptr(GString) image = g_string_new(NULL);

        append_image(image, scanner.comment);
        remember_original(memory, scanner.comment, image->str);
        section += scanner.kind == WGW_LINE_SECTION;
        if (is_secret(&scanner)) {
            remember(memory->secrets, secret_id(&scanner, names, section), scanner.value);
        } else {
            g_string_truncate(image, 0);
            append_code_image(image, &scanner);
            remember_original(memory, scanner.code, image->str);
        }
    }
}

static gboolean
is_hidden(const WgwScanner *scanner)
{
    return is_secret(scanner) && wgw_span_is(scanner->value, WGW_CONFIG_HIDDEN);
}

/* Of a secret that was given several times the last one counts, so where the text has fewer places
 * for it than the old one had, it is the first ones that are forgotten. */
static void
forget_surplus(Memory *memory, const char *text, gsize len, GPtrArray *names)
{
    /* secret_id -> how many places the text has for it */
    g_autoptr(GHashTable) places = g_hash_table_new(text_hash, g_str_equal);
    guint section = 0;
    GHashTableIter iter;
    gpointer name, queue;
    WgwScanner scanner;

    wgw_scanner_init(&scanner, text, len);
    while (wgw_scanner_next(&scanner)) {
        section += scanner.kind == WGW_LINE_SECTION;
        if (is_hidden(&scanner)) {
            const char *id = secret_id(&scanner, names, section);
            guint n = GPOINTER_TO_UINT(g_hash_table_lookup(places, id));

            g_hash_table_insert(places, (gpointer)id, GUINT_TO_POINTER(n + 1));
        }
    }
    g_hash_table_iter_init(&iter, memory->secrets);
    while (g_hash_table_iter_next(&iter, &name, &queue)) {
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(places, name));

        while (g_queue_get_length(queue) > n)
            g_free(g_queue_pop_head(queue));
    }
}

static void
append_span(WgwSecret *text, WgwSpan span)
{
    wgw_secret_append(text, span.start, span.len);
}

/* Append what span is the image of; of several, each once, in their order. */
static void
append_original(WgwSecret *text, Memory *memory, WgwSpan span)
{
    g_autofree char *image = g_strndup(span.start, span.len);

    append_span(text, recall(memory->originals, image, span));
}

WgwSecret *
wgw_document_restore_secrets(const char *text, gsize len, const char *old, gsize old_len)
{
    g_autoptr(GPtrArray) names = name_sections(text, len);
    WgwSecret *restored = wgw_secret_new("", 0);
    g_auto(Memory) memory;
    guint section = 0;
    WgwScanner scanner;

    memory_init(&memory);
    remember_text(&memory, old, old_len);
    forget_surplus(&memory, text, len, names);
    wgw_scanner_init(&scanner, text, len);
    wgw_secret_append(restored, text, scanner.next - text);
    while (wgw_scanner_next(&scanner)) {
        const char *code_end = scanner.code.start + scanner.code.len;
        const char *comment_end = scanner.comment.start + scanner.comment.len;

        section += scanner.kind == WGW_LINE_SECTION;
        wgw_secret_append(restored, scanner.line.start, scanner.code.start - scanner.line.start);
        if (is_hidden(&scanner)) {
            wgw_secret_append(restored, scanner.code.start,
                              scanner.value.start - scanner.code.start);
            append_span(restored,
                        recall(memory.secrets, secret_id(&scanner, names, section), scanner.value));
        } else if (is_secret(&scanner)) {
            append_span(restored, scanner.code);
        } else {
            append_original(restored, &memory, scanner.code);
        }
        wgw_secret_append(restored, code_end, scanner.comment.start - code_end);
        append_original(restored, &memory, scanner.comment);
        wgw_secret_append(restored, comment_end, scanner.next - comment_end);
    }
    return restored;
}
