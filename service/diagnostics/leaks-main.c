/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * wg-wrap-check [--page=URL] [--own-address=ADDRESS…] NETWORK PROCESS [SERVER…]: run in a session by
 * wg-wrapd, which knows what is to be compared (see leaks.h; a server "?": it does not know). The outcome
 * is an a(ssbss), its bytes on the standard output. */
#include <glib/gi18n.h>
#include <locale.h>
#include <unistd.h>

#include "base/fd.h"
#include "config.h"
#include "dbus/vfs.h"
#include "diagnostics/leaks.h"

/* Whoever waits for the outcome shall not hang with us. */
#define SECONDS_TO_LIVE 10

int
main(int argc, char **argv)
{
    g_auto(GStrv) addresses = NULL;
    g_autofree char *page = NULL;
    WgwLeaksHost host = {NULL};
    const GOptionEntry entries[] = {
        {"page", 0, 0, G_OPTION_ARG_STRING, &page, NULL, NULL},
        {"own-address", 0, 0, G_OPTION_ARG_STRING_ARRAY, &addresses, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("NETWORK PROCESS [SERVER...]");
    g_autoptr(GVariant) report = NULL;
    guint64 process;

    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL) || argc < 3 ||
        !g_ascii_string_to_unsigned(argv[2], 10, 1, G_MAXINT32, &process, NULL)) {
        g_printerr("Usage: wg-wrap-check NETWORK PROCESS [SERVER...]\n");
        return 2;
    }
    alarm(SECONDS_TO_LIVE);
    wgw_vfs_use_local();
    host.network = argv[1];
    host.process = (pid_t)process;
    host.page = page;
    host.addresses = (const char *const *)addresses;
    if (g_strcmp0(argv[3], "?") != 0)
        host.servers = (const char *const *)argv + 3;
    report = wgw_leaks_run(&host);
    return wgw_fd_write_all(STDOUT_FILENO, g_variant_get_data(report), g_variant_get_size(report)) <
           0;
}
