/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <glib/gi18n.h>
#include <locale.h>

#include "config.h"
#include "dbus/numbers.h"
#include "gui/application.h"

int
main(int argc, char **argv)
{
    g_autoptr(WgwApplication) application = NULL;

    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    wgw_numbers_use();
    g_set_application_name(_("Tunnels"));

    application = wgw_application_new();
    return g_application_run(G_APPLICATION(application), argc, argv);
}
