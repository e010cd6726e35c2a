/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/key-mask.h"

#include <string.h>

/* The service's own word: see Profile.Update and Manager.CheckConfig. */
#define HIDDEN     "(hidden)"
#define KEY_LENGTH 44

struct _WgwKeyMask {
    GRegex *line;
    GHashTable *words; /* key, (owned) and wiped -> the word for it, (owned) */
    GHashTable *keys;  /* word -> key, both of the other table */
};

static gboolean
is_well_formed(const char *key)
{
    return strspn(key, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "+/") == KEY_LENGTH - 1 &&
           g_str_equal(key + KEY_LENGTH - 1, "=");
}

/* A word that is in @text already, though it stands for no key, is left to it. */
static char *
make_word(WgwKeyMask *mask, const char *text)
{
    const char *taken = strstr(text, "(hidden");
    guint number = g_hash_table_size(mask->words);
    char *word = NULL;

    do {
        g_free(word);
        number++;
        word = number == 1 ? g_strdup(HIDDEN) : g_strdup_printf("(hidden %u)", number);
    } while (g_hash_table_contains(mask->keys, word) || (taken && strstr(taken, word)));
    return word;
}

const char *
wgw_key_mask_get_word(WgwKeyMask *mask, const char *key, const char *text)
{
    const char *word = g_hash_table_lookup(mask->words, key);

    if (!word) {
        char *new_key = g_strdup(key);
        char *new_word = make_word(mask, text);

        g_hash_table_insert(mask->words, new_key, new_word);
        g_hash_table_insert(mask->keys, new_word, new_key);
        word = new_word;
    }
    return word;
}

const char *
wgw_key_mask_get_key(WgwKeyMask *mask, const char *word)
{
    return g_hash_table_lookup(mask->keys, word);
}

/* What stands for @value in @form; NULL: itself. */
static const char *
get_replacement(WgwKeyMask *mask, const char *value, const char *text, WgwKeyForm form)
{
    const char *key = g_hash_table_lookup(mask->keys, value);

    switch (form) {
    case WGW_KEYS_HIDDEN:
        return key ? NULL : wgw_key_mask_get_word(mask, value, text);
    case WGW_KEYS_SHOWN:
        return key;
    case WGW_KEYS_CHECKED:
        return key && is_well_formed(key) ? HIDDEN : key;
    }
    g_return_val_if_reached(NULL);
}

WgwKeyMask *
wgw_key_mask_new(void)
{
    WgwKeyMask *mask = g_new0(WgwKeyMask, 1);

    /* In bytes, for in characters all of the text would be validated anew for each match. */
    mask->line = g_regex_new("^[ \\t#]*(?:PrivateKey|PresharedKey)[ \\t]*=[ \\t]*"
                             "([^\\s#](?:[^#\\r\\n]*[^\\s#])?)",
                             G_REGEX_CASELESS | G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
    mask->words =
        g_hash_table_new_full(g_str_hash, g_str_equal, (GDestroyNotify)wgw_key_text_free, g_free);
    mask->keys = g_hash_table_new(g_str_hash, g_str_equal);
    return mask;
}

void
wgw_key_mask_free(WgwKeyMask *mask)
{
    g_regex_unref(mask->line);
    g_hash_table_unref(mask->keys);
    g_hash_table_unref(mask->words);
    g_free(mask);
}

GArray *
wgw_key_mask_plan(WgwKeyMask *mask, const char *text, WgwKeyForm form)
{
    GArray *plan = g_array_new(FALSE, FALSE, sizeof(WgwTextEdit));
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(mask->line, text, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        g_autoptr(WgwKeyText) value = g_match_info_fetch(match, 1);
        const char *replacement = get_replacement(mask, value, text, form);
        int start, end;

        if (replacement && g_match_info_fetch_pos(match, 1, &start, &end))
            g_array_append_val(plan, ((WgwTextEdit){start, end, replacement}));
    }
    return plan;
}

char *
wgw_key_mask_convert(WgwKeyMask *mask, const char *text, WgwKeyForm form)
{
    g_autoptr(GArray) plan = wgw_key_mask_plan(mask, text, form);
    gsize length = strlen(text);
    gsize at = 0;
    GString *converted;

    for (guint i = 0; i < plan->len; i++)
        length += strlen(g_array_index(plan, WgwTextEdit, i).replacement);
    /* As long as it can get, for what it would leave behind as it grows is not wiped. */
    converted = g_string_sized_new(length + 1);
    for (guint i = 0; i < plan->len; i++) {
        const WgwTextEdit *edit = &g_array_index(plan, WgwTextEdit, i);

        g_string_append_len(converted, text + at, edit->start - at);
        g_string_append(converted, edit->replacement);
        at = edit->end;
    }
    g_string_append(converted, text + at);
    return g_string_free(converted, FALSE);
}

void
wgw_key_text_free(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    g_free(text);
}
