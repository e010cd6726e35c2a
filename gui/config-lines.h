/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* A piece of a text, and what stands there instead. */
typedef struct {
    gsize start; /* bytes of the text */
    gsize end;
    const char *replacement; /* of whoever has planned it */
} WgwTextEdit;

/* A wg-quick configuration cut into lines, for who wants to change one value of it and leave everything
 * else as it is: comments, order, case, ends of lines, and what nobody understands. The text may be
 * anything. Section 0 is all of [Interface]; from 1 on they are the [Peer] ones, in their order.
 *
 * A plan is an array of WgwTextEdit in the text's order, (transfer full), whose replacements are of the
 * lines. */
typedef struct _WgwConfigLines WgwConfigLines;

#define WGW_CONFIG_INTERFACE 0

/* What a form can have: more is for the text. */
#define WGW_CONFIG_MAX_PEERS 30

/* wgw_config_lines_new - @text is copied. Free with wgw_config_lines_free. */
WgwConfigLines *wgw_config_lines_new(const char *text, gsize length);

/* wgw_config_lines_free - and wipe: there may be keys in it. */
void wgw_config_lines_free(WgwConfigLines *lines);

guint wgw_config_lines_get_n_peers(WgwConfigLines *lines);

/* wgw_config_lines_is_form - whether each line is a comment, the beginning of [Interface] or [Peer], or a
 * key of one of these with "=", and there are not too many. */
gboolean wgw_config_lines_is_form(WgwConfigLines *lines);

/* wgw_config_lines_dup_value - of @key in @section, "" if it is not there. Of a list (Address, DNS,
 * AllowedIPs) that has several lines: all of them, with commas between; of anything else: the last, which
 * is the one that counts. */
char *wgw_config_lines_dup_value(WgwConfigLines *lines, guint section, const char *key);

/* wgw_config_lines_is - whether the line of this @number, from 1, is one of @key in @section; NULL: whether
 * it is the section's first. */
gboolean wgw_config_lines_is(WgwConfigLines *lines, guint number, guint section, const char *key);

/* wgw_config_lines_dup_others - keys that no form has, each once and in their order. @ret_n is of how many
 * lines. (transfer full) */
char **wgw_config_lines_dup_others(WgwConfigLines *lines, guint *ret_n);

/* wgw_config_lines_set - a plan for dup_value() to give @value, but for blanks. Of a value only what differs
 * is replaced; one that becomes empty goes with its line, though not with a comment there; a new one comes
 * behind those keys which usually come before. Of @value, what would end it, a comment or a new line, is
 * left out. */
GArray *
wgw_config_lines_set(WgwConfigLines *lines, guint section, const char *key, const char *value);

/* wgw_config_lines_add_peer - a plan for one more [Peer] at the end. */
GArray *wgw_config_lines_add_peer(WgwConfigLines *lines);

/* wgw_config_lines_remove_peer - a plan for all of a peer's section to go, with comments right above it. */
GArray *wgw_config_lines_remove_peer(WgwConfigLines *lines, guint section);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwConfigLines, wgw_config_lines_free)
