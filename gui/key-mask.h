/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

#include "gui/config-lines.h"

/* What an editor shows in place of keys. Each value of PrivateKey and PresharedKey, also in a comment,
 * has a word that stands for it, "(hidden)", "(hidden 2)" and so on. It is ordinary text: it can be
 * moved, copied and deleted, and nothing that looks at a widget (a screen reader, the clipboard) finds
 * a key there. The mask remembers which word is which key for as long as it lives. */
typedef struct _WgwKeyMask WgwKeyMask;

typedef enum {
    WGW_KEYS_HIDDEN,  /* words for keys */
    WGW_KEYS_SHOWN,   /* keys for words */
    WGW_KEYS_CHECKED, /* for Manager.CheckConfig: "(hidden)", which it takes, for each well-formed
                         key that is hidden, so that no key is sent for a check */
} WgwKeyForm;

WgwKeyMask *wgw_key_mask_new(void);

/* wgw_key_mask_free - and wipe its keys. */
void wgw_key_mask_free(WgwKeyMask *mask);

/* wgw_key_mask_plan - what has to be replaced in @text for @form, in the text's order: an array of
 * WgwTextEdit, (transfer full), whose replacements are of the mask. */
GArray *wgw_key_mask_plan(WgwKeyMask *mask, const char *text, WgwKeyForm form);

/* wgw_key_mask_convert - @text in @form, which is UTF-8. Free with wgw_key_text_free. */
char *wgw_key_mask_convert(WgwKeyMask *mask, const char *text, WgwKeyForm form);

/* wgw_key_mask_get_key - what @word stands for; NULL: nothing. */
const char *wgw_key_mask_get_key(WgwKeyMask *mask, const char *word);

/* wgw_key_mask_get_word - what stands for @key in @text, be it there already or not. */
const char *wgw_key_mask_get_word(WgwKeyMask *mask, const char *key, const char *text);

/* wgw_key_text_free - wipe and free. */
void wgw_key_text_free(char *text);

typedef char WgwKeyText;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwKeyText, wgw_key_text_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwKeyMask, wgw_key_mask_free)
