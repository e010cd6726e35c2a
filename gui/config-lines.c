/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/config-lines.h"

#include <string.h>

#define NO_SECTION G_MAXUINT

typedef enum {
    LINE_BLANK,
    LINE_COMMENT,
    LINE_SECTION,
    LINE_KEY,
    LINE_OTHER, /* anything else */
} LineKind;

typedef struct {
    LineKind kind;
    guint section; /* that it is in */
    gsize start;
    gsize comment; /* from "#"; without one, the end */
    gsize end;     /* of what is written there */
    gsize next;    /* behind the end of the line */
    gsize key, key_end;
    gsize value, value_end;
} Line;

struct _WgwConfigLines {
    char *text;
    gsize length;
    guint n_peers;
    gboolean strange; /* no form has all of it */
    GArray *lines;    /* of Line */
    GPtrArray *strings;
};

/* Keys that a form has, in the order in which they usually come. */
static const char *const interface_keys[] = {"PrivateKey", "Address",    "DNS",
                                             "MTU",        "ListenPort", NULL};
static const char *const peer_keys[] = {"PublicKey",  "PresharedKey",        "Endpoint",
                                        "AllowedIPs", "PersistentKeepalive", NULL};
static const char *const list_keys[] = {"Address", "DNS", "AllowedIPs", NULL};

static void
wipe(gpointer data)
{
    explicit_bzero(data, strlen(data));
    g_free(data);
}

static gboolean
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
trim(const WgwConfigLines *lines, gsize *start, gsize *end)
{
    while (*start < *end && is_blank(lines->text[*start]))
        (*start)++;
    while (*end > *start && is_blank(lines->text[*end - 1]))
        (*end)--;
}

static gboolean
is_word(const WgwConfigLines *lines, gsize start, gsize end, const char *word)
{
    return end - start == strlen(word) &&
           g_ascii_strncasecmp(lines->text + start, word, end - start) == 0;
}

static const char *const *
get_known(guint section)
{
    return section == WGW_CONFIG_INTERFACE ? interface_keys : peer_keys;
}

/* Its place among those of its section; -1: no form has it. */
static int
get_rank(const WgwConfigLines *lines, const Line *line)
{
    const char *const *known = get_known(line->section);

    for (int i = 0; known[i]; i++)
        if (is_word(lines, line->key, line->key_end, known[i]))
            return i;
    return -1;
}

static gboolean
is_key(const WgwConfigLines *lines, const Line *line, guint section, const char *key)
{
    return line->kind == LINE_KEY && line->section == section &&
           is_word(lines, line->key, line->key_end, key);
}

/* ---- From text to lines ---- */

static void
take_section(WgwConfigLines *lines, gsize start, gsize end, guint *section)
{
    if (is_word(lines, start, end, "[Interface]"))
        *section = WGW_CONFIG_INTERFACE;
    else if (is_word(lines, start, end, "[Peer]"))
        *section = ++lines->n_peers;
    else {
        *section = NO_SECTION;
        lines->strange = TRUE;
    }
}

static void
take_line(WgwConfigLines *lines, Line *line, guint *section)
{
    gsize start = line->start, end;
    const char *hash = memchr(lines->text + start, '#', line->end - start);
    const char *equals;

    line->comment = hash ? (gsize)(hash - lines->text) : line->end;
    end = line->comment;
    trim(lines, &start, &end);
    equals = memchr(lines->text + start, '=', end - start);
    if (start == end)
        line->kind = hash ? LINE_COMMENT : LINE_BLANK;
    else if (lines->text[start] == '[') {
        line->kind = LINE_SECTION;
        take_section(lines, start, end, section);
    } else if (equals && *section != NO_SECTION) {
        line->kind = LINE_KEY;
        line->key = start;
        line->key_end = line->value = equals - lines->text;
        trim(lines, &line->key, &line->key_end);
        line->value++;
        line->value_end = end;
        trim(lines, &line->value, &line->value_end);
        /* An empty one is all that there is between "=" and what follows. */
        if (line->value == line->value_end) {
            line->value = equals + 1 - lines->text;
            line->value_end = line->comment;
        }
    } else {
        line->kind = LINE_OTHER;
        lines->strange = TRUE;
    }
    line->section = *section;
}

WgwConfigLines *
wgw_config_lines_new(const char *text, gsize length)
{
    WgwConfigLines *lines = g_new0(WgwConfigLines, 1);
    gsize at = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    guint section = NO_SECTION;

    lines->text = g_malloc(length + 1);
    memcpy(lines->text, text, length);
    lines->text[length] = '\0';
    lines->length = length;
    lines->strange = memchr(text, '\0', length) != NULL;
    lines->lines = g_array_new(FALSE, FALSE, sizeof(Line));
    lines->strings = g_ptr_array_new_with_free_func(wipe);
    while (at < length) {
        const char *newline = memchr(text + at, '\n', length - at);
        Line line = {.start = at, .next = newline ? (gsize)(newline + 1 - text) : length};

        line.end = newline ? line.next - 1 : length;
        if (line.end > at && text[line.end - 1] == '\r')
            line.end--;
        take_line(lines, &line, &section);
        g_array_append_val(lines->lines, line);
        at = line.next;
    }
    return lines;
}

void
wgw_config_lines_free(WgwConfigLines *lines)
{
    explicit_bzero(lines->text, lines->length);
    g_free(lines->text);
    g_array_unref(lines->lines);
    g_ptr_array_unref(lines->strings);
    g_free(lines);
}

static const Line *
get_line(const WgwConfigLines *lines, guint i)
{
    return &g_array_index(lines->lines, Line, i);
}

guint
wgw_config_lines_get_n_peers(WgwConfigLines *lines)
{
    return lines->n_peers;
}

gboolean
wgw_config_lines_is_form(WgwConfigLines *lines)
{
    return !lines->strange && lines->n_peers <= WGW_CONFIG_MAX_PEERS;
}

gboolean
wgw_config_lines_is(WgwConfigLines *lines, guint number, guint section, const char *key)
{
    const Line *line;

    if (number == 0 || number > lines->lines->len)
        return FALSE;
    line = get_line(lines, number - 1);
    return key ? is_key(lines, line, section, key)
               : line->kind == LINE_SECTION && line->section == section;
}

/* ---- Values ---- */

/* A stretch of the text, in one of its lines. */
typedef struct {
    guint line;
    gsize start;
    gsize end;
} Item;

static gboolean
is_empty(const WgwConfigLines *lines, const Line *line)
{
    gsize start = line->value, end = line->value_end;

    trim(lines, &start, &end);
    return start == end;
}

/* What stands between the commas of all of a key's lines. */
static GArray *
find_items(const WgwConfigLines *lines, guint section, const char *key)
{
    GArray *items = g_array_new(FALSE, FALSE, sizeof(Item));

    for (guint i = 0; i < lines->lines->len; i++) {
        const Line *line = get_line(lines, i);

        for (gsize at = line->value; is_key(lines, line, section, key) && at < line->value_end;) {
            const char *comma = memchr(lines->text + at, ',', line->value_end - at);
            gsize end = comma ? (gsize)(comma - lines->text) : line->value_end;
            Item item = {i, at, end};

            trim(lines, &item.start, &item.end);
            if (item.start < item.end)
                g_array_append_val(items, item);
            at = end + 1;
        }
    }
    return items;
}

static void
append(GString *value, const char *item, gsize length)
{
    if (value->len > 0)
        g_string_append(value, ", ");
    g_string_append_len(value, item, length);
}

/* The last line of a key; NULL: there is none. */
static const Line *
find_last(const WgwConfigLines *lines, guint section, const char *key)
{
    for (guint i = lines->lines->len; i > 0; i--)
        if (is_key(lines, get_line(lines, i - 1), section, key))
            return get_line(lines, i - 1);
    return NULL;
}

char *
wgw_config_lines_dup_value(WgwConfigLines *lines, guint section, const char *key)
{
    const Line *line = find_last(lines, section, key);

    if (!line || is_empty(lines, line))
        line = NULL;
    if (g_strv_contains(list_keys, key)) {
        GString *value = g_string_new(NULL);
        g_autoptr(GArray) items = find_items(lines, section, key);

        for (guint i = 0; i < items->len; i++) {
            const Item *item = &g_array_index(items, Item, i);

            append(value, lines->text + item->start, item->end - item->start);
        }
        return g_string_free(value, FALSE);
    }
    return line ? g_strndup(lines->text + line->value, line->value_end - line->value)
                : g_strdup("");
}

char **
wgw_config_lines_dup_others(WgwConfigLines *lines, guint *ret_n)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();

    *ret_n = 0;
    for (guint i = 0; i < lines->lines->len; i++) {
        const Line *line = get_line(lines, i);
        char *key;

        if (line->kind != LINE_KEY || get_rank(lines, line) >= 0)
            continue;
        (*ret_n)++;
        key = g_strndup(lines->text + line->key, line->key_end - line->key);
        if (g_ptr_array_find_with_equal_func(found, key, g_str_equal, NULL))
            g_free(key);
        else
            g_ptr_array_add(found, key);
    }
    g_ptr_array_add(found, NULL);
    return (char **)g_ptr_array_steal(found, NULL);
}

/* ---- Plans ---- */

static GArray *
plan_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(WgwTextEdit));
}

static gboolean
is_inside_character(char c)
{
    return (c & 0xc0) == 0x80;
}

/* Only of what differs; @replacement is taken. */
static void
plan(WgwConfigLines *lines, GArray *edits, gsize start, gsize end, char *replacement)
{
    const char *text = lines->text;
    gsize length = strlen(replacement), head = 0, tail = 0;
    gsize most = MIN(length, end - start);
    WgwTextEdit edit;

    g_ptr_array_add(lines->strings, replacement);
    while (head < most && text[start + head] == replacement[head])
        head++;
    while (head > 0 && ((start + head < end && is_inside_character(text[start + head])) ||
                        is_inside_character(replacement[head])))
        head--;
    while (tail < most - head && text[end - tail - 1] == replacement[length - tail - 1])
        tail++;
    while (tail > 0 && is_inside_character(replacement[length - tail]))
        tail--;
    edit = (WgwTextEdit){start + head, end - tail,
                         g_strndup(replacement + head, length - head - tail)};
    g_ptr_array_add(lines->strings, (char *)edit.replacement);
    if (edit.start < edit.end || *edit.replacement)
        g_array_append_val(edits, edit);
}

static const char *
get_line_end(const WgwConfigLines *lines)
{
    const Line *first = lines->lines->len > 0 ? get_line(lines, 0) : NULL;

    return first && first->end < first->next && lines->text[first->end] == '\r' ? "\r\n" : "\n";
}

/* With what there is between a key and its value nearby, @place being the line to come behind, or NULL. */
static char *
format_line(const WgwConfigLines *lines, const Line *place, const char *key, const char *value)
{
    const Line *like = NULL;

    for (guint i = 0; i < lines->lines->len; i++) {
        const Line *line = get_line(lines, i);

        if (like && (!place || line->start > place->start))
            break;
        if (line->kind == LINE_KEY && !is_empty(lines, line))
            like = line;
    }
    if (!like)
        return g_strdup_printf("%s = %s", key, value);
    return g_strdup_printf("%s%.*s%s", key, (int)(like->value - like->key_end),
                           lines->text + like->key_end, value);
}

/* The line to come behind: the last one of those that usually come before, or else the section's first. */
static const Line *
find_place(const WgwConfigLines *lines, guint section, const char *key)
{
    const char *const *known = get_known(section);
    const Line *place = NULL;
    int rank = 0;

    while (known[rank] && g_ascii_strcasecmp(known[rank], key) != 0)
        rank++;
    for (guint i = 0; i < lines->lines->len; i++) {
        const Line *line = get_line(lines, i);

        if (line->section != section)
            continue;
        if ((line->kind == LINE_SECTION && !place) ||
            (line->kind == LINE_KEY && get_rank(lines, line) >= 0 && get_rank(lines, line) < rank))
            place = line;
    }
    return place;
}

static void
plan_line(WgwConfigLines *lines, GArray *edits, guint section, const char *key, const char *value)
{
    const Line *place = find_place(lines, section, key);
    const char *line_end = get_line_end(lines);
    g_autofree char *line = format_line(lines, place, key, value);
    gsize at = lines->lines->len > 0 ? get_line(lines, 0)->start : lines->length;

    if (!place)
        plan(lines, edits, at, at,
             g_strconcat("[Interface]", line_end, line, line_end,
                         at < lines->length ? line_end : "", NULL));
    else if (place->end < place->next)
        plan(lines, edits, place->next, place->next, g_strconcat(line, line_end, NULL));
    else
        plan(lines, edits, place->next, place->next, g_strconcat(line_end, line, NULL));
    explicit_bzero(line, strlen(line));
}

static void
plan_value(WgwConfigLines *lines, GArray *edits, const Line *line, const char *value)
{
    if (!*value)
        plan(lines, edits, line->start, line->comment < line->end ? line->comment : line->next,
             g_strdup(""));
    else if (is_empty(lines, line))
        plan(lines, edits, line->value, line->value_end,
             g_strconcat(" ", value, line->comment < line->end ? " " : NULL, NULL));
    else
        plan(lines, edits, line->value, line->value_end, g_strdup(value));
}

static void
plan_single(WgwConfigLines *lines, GArray *edits, guint section, const char *key, const char *value)
{
    const Line *last = find_last(lines, section, key);

    for (guint i = 0; i < lines->lines->len; i++)
        /* Without the last one, the one before it would count. */
        if (is_key(lines, get_line(lines, i), section, key) &&
            (get_line(lines, i) == last || !*value))
            plan_value(lines, edits, get_line(lines, i), value);
    if (!last && *value)
        plan_line(lines, edits, section, key, value);
}

/* Without blanks around them, and without those that are nothing. */
static GPtrArray *
split(const char *value)
{
    g_auto(GStrv) items = g_strsplit(value, ",", -1);
    GPtrArray *split = g_ptr_array_new_with_free_func(g_free);

    for (char **item = items; *item; item++)
        if (*g_strstrip(*item))
            g_ptr_array_add(split, g_strdup(*item));
    return split;
}

static gboolean
is_same(const WgwConfigLines *lines, GArray *old, guint i, GPtrArray *new, guint j)
{
    const Item *item = &g_array_index(old, Item, i);
    const char *other = g_ptr_array_index(new, j);

    return strlen(other) == item->end - item->start &&
           memcmp(lines->text + item->start, other, item->end - item->start) == 0;
}

/* Items of several lines: those at the beginning and at the end that are the same stay where they are. */
static void
plan_list(WgwConfigLines *lines, GArray *edits, guint section, const char *key, const char *value)
{
    g_autoptr(GArray) old = find_items(lines, section, key);
    g_autoptr(GPtrArray) new = split(value);
    g_autoptr(GString) news = g_string_new(NULL);
    const Line *last = find_last(lines, section, key);
    guint head = 0, tail = old->len, new_tail = new->len, target, i = 0;
    gboolean to_place;

    while (head < tail && head < new_tail && is_same(lines, old, head, new, head))
        head++;
    for (; tail > head && new_tail > head && is_same(lines, old, tail - 1, new, new_tail - 1);
         tail--)
        new_tail--;
    for (guint j = head; j < new_tail; j++)
        append(news, g_ptr_array_index(new, j), strlen(g_ptr_array_index(new, j)));
    if (!last) {
        if (news->len > 0)
            plan_line(lines, edits, section, key, news->str);
        return;
    }
    to_place = news->len > 0;
    /* The line that the new ones come to. */
    target = old->len == 0
                 ? (guint)(last - get_line(lines, 0))
                 : g_array_index(old, Item, head < tail || head == 0 ? head : head - 1).line;
    for (guint number = 0; number < lines->lines->len; number++) {
        const Line *line = get_line(lines, number);
        gboolean touched = !*value || (to_place && number == target);
        g_autoptr(GString) joined = NULL;

        if (!is_key(lines, line, section, key))
            continue;
        joined = g_string_new(NULL);
        for (;; i++) {
            const Item *item = i < old->len ? &g_array_index(old, Item, i) : NULL;
            gboolean ours = item && item->line == number;

            if (to_place && number == target && (!ours || i == tail)) {
                append(joined, news->str, news->len);
                to_place = FALSE;
            }
            if (!ours)
                break;
            if (i < head || i >= tail)
                append(joined, lines->text + item->start, item->end - item->start);
            else
                touched = TRUE;
        }
        if (touched)
            plan_value(lines, edits, line, joined->str);
    }
}

GArray *
wgw_config_lines_set(WgwConfigLines *lines, guint section, const char *key, const char *value)
{
    GArray *edits = plan_new();
    char *clean = g_malloc(strlen(value) + 1);
    gsize length = 0;

    for (; *value; value++)
        if (*value != '#')
            clean[length++] = g_ascii_iscntrl(*value) ? ' ' : *value;
    clean[length] = '\0';
    g_ptr_array_add(lines->strings, clean);
    g_strstrip(clean);
    if (g_strv_contains(list_keys, key))
        plan_list(lines, edits, section, key, clean);
    else
        plan_single(lines, edits, section, key, clean);
    return edits;
}

/* ---- Peers ---- */

GArray *
wgw_config_lines_add_peer(WgwConfigLines *lines)
{
    GArray *edits = plan_new();
    const char *line_end = get_line_end(lines);
    const Line *last = lines->lines->len > 0 ? get_line(lines, lines->lines->len - 1) : NULL;

    plan(lines, edits, lines->length, lines->length,
         g_strconcat(last && last->end == last->next ? line_end : "",
                     last && last->kind != LINE_BLANK ? line_end : "", "[Peer]", line_end, NULL));
    return edits;
}

/* Where a section begins: with the comments right above it, if there is a blank line above those. */
static guint
find_begin(const WgwConfigLines *lines, guint i)
{
    guint begin = i;

    while (begin > 0 && get_line(lines, begin - 1)->kind == LINE_COMMENT)
        begin--;
    return begin == 0 || get_line(lines, begin - 1)->kind == LINE_BLANK ? begin : i;
}

GArray *
wgw_config_lines_remove_peer(WgwConfigLines *lines, guint section)
{
    GArray *edits = plan_new();
    guint begin = 0, end;

    while (begin < lines->lines->len && !wgw_config_lines_is(lines, begin + 1, section, NULL))
        begin++;
    if (begin == lines->lines->len)
        return edits;
    for (end = begin + 1; end < lines->lines->len && get_line(lines, end)->kind != LINE_SECTION;)
        end++;
    begin = find_begin(lines, begin);
    if (end < lines->lines->len)
        end = find_begin(lines, end);
    else
        while (begin > 0 && get_line(lines, begin - 1)->kind == LINE_BLANK)
            begin--;
    plan(lines, edits, get_line(lines, begin)->start, get_line(lines, end - 1)->next, g_strdup(""));
    return edits;
}
