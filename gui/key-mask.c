/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/key-mask.h"

#include <string.h>

/* The service's own word: see Profile.Update and Manager.CheckConfig. */
#define HIDDEN     "(hidden)"
#define KEY_LENGTH 44

struct _WgwKeyMask {
    GRegex *line;
    GPtrArray *keys;  /* char *, wiped */
    GPtrArray *words; /* char *, the word for the key of the same place */
};

static gboolean
is_well_formed(const char *key)
{
    return strspn(key, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "+/") == KEY_LENGTH - 1 &&
           g_str_equal(key + KEY_LENGTH - 1, "=");
}

static const char *
get_key(WgwKeyMask *mask, const char *word)
{
    guint i;

    return g_ptr_array_find_with_equal_func(mask->words, word, g_str_equal, &i)
               ? mask->keys->pdata[i]
               : NULL;
}

/* A word that is in @text already, though it stands for no key, is left to it. */
static char *
make_word(WgwKeyMask *mask, const char *text)
{
    guint number = mask->words->len;
    char *word = NULL;

    do {
        g_free(word);
        number++;
        word = number == 1 ? g_strdup(HIDDEN) : g_strdup_printf("(hidden %u)", number);
    } while (strstr(text, word));
    return word;
}

static const char *
get_word(WgwKeyMask *mask, const char *key, const char *text)
{
    guint i;

    if (!g_ptr_array_find_with_equal_func(mask->keys, key, g_str_equal, &i)) {
        i = mask->keys->len;
        g_ptr_array_add(mask->words, make_word(mask, text));
        g_ptr_array_add(mask->keys, g_strdup(key));
    }
    return mask->words->pdata[i];
}

/* What stands for @value in @form; NULL: itself. */
static const char *
get_replacement(WgwKeyMask *mask, const char *value, const char *text, WgwKeyForm form)
{
    const char *key = get_key(mask, value);

    switch (form) {
    case WGW_KEYS_HIDDEN:
        return key ? NULL : get_word(mask, value, text);
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

    mask->line = g_regex_new("^[ \\t#]*(?:PrivateKey|PresharedKey)[ \\t]*=[ \\t]*"
                             "([^\\s#](?:[^#\\r\\n]*[^\\s#])?)",
                             G_REGEX_CASELESS | G_REGEX_MULTILINE, 0, NULL);
    mask->keys = g_ptr_array_new_with_free_func((GDestroyNotify)wgw_key_text_free);
    mask->words = g_ptr_array_new_with_free_func(g_free);
    return mask;
}

void
wgw_key_mask_free(WgwKeyMask *mask)
{
    g_regex_unref(mask->line);
    g_ptr_array_unref(mask->keys);
    g_ptr_array_unref(mask->words);
    g_free(mask);
}

GArray *
wgw_key_mask_plan(WgwKeyMask *mask, const char *text, WgwKeyForm form)
{
    GArray *plan = g_array_new(FALSE, FALSE, sizeof(WgwKeyEdit));
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(mask->line, text, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        g_autoptr(WgwKeyText) value = g_match_info_fetch(match, 1);
        const char *replacement = get_replacement(mask, value, text, form);
        int start, end;

        if (replacement && g_match_info_fetch_pos(match, 1, &start, &end))
            g_array_append_val(plan, ((WgwKeyEdit){start, end, replacement}));
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
        length += strlen(g_array_index(plan, WgwKeyEdit, i).replacement);
    /* As long as it can get, for what it would leave behind as it grows is not wiped. */
    converted = g_string_sized_new(length + 1);
    for (guint i = 0; i < plan->len; i++) {
        const WgwKeyEdit *edit = &g_array_index(plan, WgwKeyEdit, i);

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
