/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/secret.h"

/* A configuration as text: editing that keeps every byte it has no business with, comments, order
 * and line ends among them. Works on texts with mistakes too. */

/* wgw_document_hide_secrets - the text with WGW_CONFIG_HIDDEN for the values of PrivateKey and
 * PresharedKey, and for whatever else looks like a key (in a comment, in a line nobody can read),
 * unless it follows PublicKey. Valid UTF-8: bytes that are not become U+FFFD. Free with g_free. */
char *wgw_document_hide_secrets(const char *text, gsize len);

/* wgw_document_restore_secrets - text with the keys of old where it says WGW_CONFIG_HIDDEN:
 * PrivateKey, PresharedKey of the peer of the same PublicKey, and lines that are
 * wgw_document_hide_secrets' image of one of old's. What old does not know stays "(hidden)", for
 * wgw_config_parse to complain about. Free with wgw_secret_free. */
WgwSecret *
wgw_document_restore_secrets(const char *text, gsize len, const char *old, gsize old_len);
