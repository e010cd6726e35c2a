/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

/* A key of a profile as a row of a form, and what is wrong with it in a row below.
 *
 * Signals: "edited" (const char *text): by the user; "reveal": of a secret, what hides it is to be
 * replaced by it, or the other way round. */
#define WGW_TYPE_CONFIG_FIELD (wgw_config_field_get_type())
G_DECLARE_FINAL_TYPE(WgwConfigField, wgw_config_field, WGW, CONFIG_FIELD, AdwEntryRow)

/* wgw_config_field_new - appended to @group. @key: in the profile, static. @secret: it can be hidden. */
WgwConfigField *wgw_config_field_new(AdwPreferencesGroup *group,
                                     const char *title,
                                     const char *key,
                                     gboolean secret);

const char *wgw_config_field_get_key(WgwConfigField *field);

/* wgw_config_field_show - what the profile has, but nothing anew that says the same. @hidden: @text stands
 * for a secret; it is not shown, and cannot be changed. */
void wgw_config_field_show(WgwConfigField *field, const char *text, gboolean hidden);

/* wgw_config_field_set_problem - @severity as of Manager.CheckConfig; @message NULL: there is none. */
void wgw_config_field_set_problem(WgwConfigField *field, const char *severity, const char *message);

/* wgw_config_field_focus - without a selection, which the next key would replace. */
void wgw_config_field_focus(WgwConfigField *field);
