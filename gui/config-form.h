/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/key-mask.h"

/* A profile's text as a form. The text is all there is: the form says what stands there, whoever has written
 * it, and what is filled in is written there at once. While nobody sees it, it does nothing.
 *
 * Signals: "generate": a new private key is wanted, for wgw_config_form_set_private_key(); "revealed": the
 * text has another form of a key than before; "copy": the public key is wanted elsewhere; "to-text": the
 * text is asked for. */
#define WGW_TYPE_CONFIG_FORM (wgw_config_form_get_type())
G_DECLARE_FINAL_TYPE(WgwConfigForm, wgw_config_form, WGW, CONFIG_FORM, AdwBin)

/* wgw_config_form_set_buffer - once; @mask, which is lent, has the keys that are hidden there. */
void wgw_config_form_set_buffer(WgwConfigForm *form, GtkTextBuffer *buffer, WgwKeyMask *mask);

/* wgw_config_form_set_editable - whether anything may be changed. */
void wgw_config_form_set_editable(WgwConfigForm *form, gboolean editable);

/* wgw_config_form_set_problems - an a(uusss) about the text that the buffer has now. */
void wgw_config_form_set_problems(WgwConfigForm *form, GVariant *problems);

/* wgw_config_form_set_public_key - of the private key that is there; NULL: it is not known. */
void wgw_config_form_set_public_key(WgwConfigForm *form, const char *public_key);

/* wgw_config_form_set_private_key - @value is a key, or what hides it. */
void wgw_config_form_set_private_key(WgwConfigForm *form, const char *value);

/* wgw_config_form_can_show - whether the text is one that a form can have. */
gboolean wgw_config_form_can_show(WgwConfigForm *form);

/* wgw_config_form_focus - the field of that line, from 1; 0: the first that can be filled in. FALSE: there
 * is none. */
gboolean wgw_config_form_focus(WgwConfigForm *form, guint line);
