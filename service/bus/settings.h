/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What the service remembers besides profiles: $XDG_CONFIG_HOME/wg-wrap/settings.ini. */

/* wgw_settings_get_default_profile - "default" if nothing else was set. (transfer full) */
char *wgw_settings_get_default_profile(void);

/* wgw_settings_set_default_profile - written atomically; what else is in the file stays. */
gboolean wgw_settings_set_default_profile(const char *name, GError **error);
