/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/launchers.h"

#include <gio/gdesktopappinfo.h>

#include "launcher/desktop-launcher.h"

/* One installation changes many files; and an editor may move a profile away before it puts the new one in
 * its place. */
#define SETTLE_MS 1000

struct _WgwLaunchers {
    WgwProfileStore *store;
    GAppInfoMonitor *monitor; /* NULL: there is no launcher to keep */
    guint pending;            /* a source, 0 for none */
};

static gboolean
has_profile(const char *name, gpointer store)
{
    return wgw_profile_store_lookup(store, name) != NULL;
}

static gboolean
on_settled(gpointer user_data)
{
    WgwLaunchers *launchers = user_data;

    launchers->pending = 0;
    /* GIO tells of one change, and of the next only once it was asked for an application again; before the
     * files are read, so that none is missed. */
    if (launchers->monitor) {
        G_GNUC_UNUSED g_autoptr(GDesktopAppInfo) none = g_desktop_app_info_new("none.desktop");
    }
    if (wgw_desktop_launcher_refresh_all(has_profile, launchers->store) && !launchers->monitor) {
        launchers->monitor = g_app_info_monitor_get();
        g_signal_connect_swapped(launchers->monitor, "changed", G_CALLBACK(wgw_launchers_look),
                                 launchers);
        /* What has changed since. */
        wgw_launchers_look(launchers);
    }
    return G_SOURCE_REMOVE;
}

void
wgw_launchers_look(WgwLaunchers *launchers)
{
    if (launchers->pending == 0)
        launchers->pending =
            g_timeout_add_full(G_PRIORITY_LOW, SETTLE_MS, on_settled, launchers, NULL);
}

WgwLaunchers *
wgw_launchers_new(WgwProfileStore *store)
{
    WgwLaunchers *launchers = g_new0(WgwLaunchers, 1);

    launchers->store = store;
    wgw_launchers_look(launchers);
    return launchers;
}
