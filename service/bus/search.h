/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"

/* wgw_search_export - applications in tunnels for the desktop's search: GNOME Shell's
 * org.gnome.Shell.SearchProvider2 and Plasma's org.kde.krunner1, both on one object. */
gboolean wgw_search_export(WgwService *service, GError **error);
