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

/* What the old text knows. All spans are lent by it. */
typedef struct {
    WgwSpan private_key;
    GHashTable *preshared_keys; /* public key, base64, owned -> WgwSpan, owned */
    GHashTable *originals;      /* image, owned -> GQueue of WgwSpan, both owned */
} Memory;

static void
originals_free(gpointer queue)
{
    g_queue_free_full(queue, g_free);
}

static void
memory_clear(Memory *memory)
{
    g_hash_table_unref(memory->preshared_keys);
    g_hash_table_unref(memory->originals);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Memory, memory_clear)

/* The public key of each section, from the first "[" line on, base64 or NULL. */
static GPtrArray *
list_public_keys(const char *text, gsize len)
{
    GPtrArray *public_keys = g_ptr_array_new_with_free_func(g_free);
    char packed[WGW_KEY_BASE64_LEN + 1];
    WgwScanner scanner;

    wgw_scanner_init(&scanner, text, len);
    while (wgw_scanner_next(&scanner)) {
        if (scanner.kind == WGW_LINE_SECTION) {
            g_ptr_array_add(public_keys, NULL);
        } else if (public_keys->len > 0 && scanner.kind == WGW_LINE_KEY &&
                   wgw_span_is(scanner.key, "PublicKey") &&
                   wgw_span_pack(scanner.value, packed, sizeof packed)) {
            g_free(public_keys->pdata[public_keys->len - 1]);
            public_keys->pdata[public_keys->len - 1] = g_strdup(packed);
        }
    }
    return public_keys;
}

static void
remember_original(Memory *memory, WgwSpan span, const char *image)
{
    GQueue *queue;

    if (strlen(image) == span.len && memcmp(image, span.start, span.len) == 0)
        return;
    queue = g_hash_table_lookup(memory->originals, image);
    if (!queue) {
        queue = g_queue_new();
        g_hash_table_insert(memory->originals, g_strdup(image), queue);
    }
    g_queue_push_tail(queue, g_memdup2(&span, sizeof span));
}

static void
remember(Memory *memory, const char *text, gsize len)
{
    g_autoptr(GPtrArray) public_keys = list_public_keys(text, len);
    guint section = 0;
    WgwScanner scanner;

    wgw_scanner_init(&scanner, text, len);
    while (wgw_scanner_next(&scanner)) {
        g_autoptr(GString) image = g_string_new(NULL);

        append_image(image, scanner.comment);
        remember_original(memory, scanner.comment, image->str);
        section += scanner.kind == WGW_LINE_SECTION;
        if (!is_secret(&scanner)) {
            g_string_truncate(image, 0);
            append_code_image(image, &scanner);
            remember_original(memory, scanner.code, image->str);
        } else if (wgw_span_is(scanner.key, "PrivateKey")) {
            memory->private_key = scanner.value;
        } else if (section > 0 && public_keys->pdata[section - 1]) {
            g_hash_table_insert(memory->preshared_keys, g_strdup(public_keys->pdata[section - 1]),
                                g_memdup2(&scanner.value, sizeof scanner.value));
        }
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
    GQueue *queue = g_hash_table_lookup(memory->originals, image);
    g_autofree WgwSpan *original = queue ? g_queue_pop_head(queue) : NULL;

    append_span(text, original ? *original : span);
}

/* Append a secret's code with the value it has in the old text. */
static void
append_secret(WgwSecret *text, Memory *memory, const WgwScanner *scanner, const char *public_key)
{
    const WgwSpan *value = NULL;

    if (wgw_span_is(scanner->key, "PresharedKey"))
        value = public_key ? g_hash_table_lookup(memory->preshared_keys, public_key) : NULL;
    else if (memory->private_key.len > 0)
        value = &memory->private_key;
    wgw_secret_append(text, scanner->code.start, scanner->value.start - scanner->code.start);
    append_span(text, value ? *value : scanner->value);
}

WgwSecret *
wgw_document_restore_secrets(const char *text, gsize len, const char *old, gsize old_len)
{
    g_auto(Memory) memory = {
        .preshared_keys = g_hash_table_new_full(text_hash, g_str_equal, g_free, g_free),
        .originals = g_hash_table_new_full(text_hash, g_str_equal, g_free, originals_free),
    };
    g_autoptr(GPtrArray) public_keys = list_public_keys(text, len);
    WgwSecret *restored = wgw_secret_new("", 0);
    guint section = 0;
    WgwScanner scanner;

    remember(&memory, old, old_len);
    wgw_scanner_init(&scanner, text, len);
    wgw_secret_append(restored, text, scanner.next - text);
    while (wgw_scanner_next(&scanner)) {
        const char *code_end = scanner.code.start + scanner.code.len;
        const char *comment_end = scanner.comment.start + scanner.comment.len;

        section += scanner.kind == WGW_LINE_SECTION;
        wgw_secret_append(restored, scanner.line.start, scanner.code.start - scanner.line.start);
        if (is_secret(&scanner) && wgw_span_is(scanner.value, WGW_CONFIG_HIDDEN))
            append_secret(restored, &memory, &scanner,
                          section > 0 ? public_keys->pdata[section - 1] : NULL);
        else if (is_secret(&scanner))
            append_span(restored, scanner.code);
        else
            append_original(restored, &memory, scanner.code);
        wgw_secret_append(restored, code_end, scanner.comment.start - code_end);
        append_original(restored, &memory, scanner.comment);
        wgw_secret_append(restored, comment_end, scanner.next - comment_end);
    }
    return restored;
}
