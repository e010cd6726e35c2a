/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * wg-wrap-demo-peer [--lifetime=SECONDS]
 *     Be the peer of a demo tunnel. Writes the client's wg-quick configuration to the standard
 *     output and ends that, as soon as both peer and page are there; ends with the standard input,
 *     or when the lifetime is over. Everything it made ends with it.
 * wg-wrap-demo-peer --fetch=URL
 *     Write the page at URL. The program for both sides of the demo's comparison. */
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "config.h"
#include "demo/page.h"
#include "demo/peer.h"

#define FETCH_SECONDS 5

static int
fail(GError *error)
{
    fprintf(stderr, "wg-wrap-demo-peer: %s\n", error->message);
    g_error_free(error);
    return 1;
}

static int
fetch(const char *url)
{
    GError *error = NULL;
    g_autofree char *body = wgw_page_fetch(url, FETCH_SECONDS, &error);

    if (!body)
        return fail(error);
    fputs(body, stdout);
    return 0;
}

static gboolean
on_input(int fd, GIOCondition condition, gpointer loop)
{
    char ignored[256];
    gssize n = read(fd, ignored, sizeof ignored);

    if (n > 0)
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static gboolean
on_end(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

static void
on_engine_exited(GPid pid, int status, gpointer data)
{
    WgwDemoPeer *peer = ((gpointer *)data)[0];

    peer->engine = 0;
    g_main_loop_quit(((gpointer *)data)[1]);
}

static int
serve(guint lifetime)
{
    WgwDemoPeer peer = {0};
    g_autoptr(GSocketService) page = NULL;
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    gboolean engine_lived;
    GError *error = NULL;
    int r;

    if (!wgw_demo_peer_start(&peer, &error))
        return fail(error);
    page = wgw_page_serve(WGW_DEMO_SERVER, &error);
    if (!page) {
        wgw_demo_peer_clear(&peer);
        return fail(error);
    }
    g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, loop);
    g_unix_signal_add(SIGINT, on_end, loop);
    g_unix_signal_add(SIGTERM, on_end, loop);
    g_child_watch_add(peer.engine, on_engine_exited, (gpointer[]){&peer, loop});
    if (lifetime)
        g_timeout_add_seconds(lifetime, on_end, loop);
    r = wgw_fd_write_all(STDOUT_FILENO, peer.config, strlen(peer.config));
    if (r < 0) {
        wgw_demo_peer_clear(&peer);
        return 1;
    }
    /* Who reads takes its end for the configuration's; and the number stays taken. */
    dup2(STDERR_FILENO, STDOUT_FILENO);
    g_main_loop_run(loop);
    engine_lived = peer.engine > 0;
    wgw_demo_peer_clear(&peer);
    return engine_lived ? 0 : 1;
}

int
main(int argc, char **argv)
{
    g_autofree char *url = NULL;
    int lifetime = 0;
    sigset_t none;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"fetch", 0, 0, G_OPTION_ARG_STRING, &url, N_("Write this page, and end"), N_("URL")},
        {"lifetime", 0, 0, G_OPTION_ARG_INT, &lifetime, N_("End after so many seconds"),
         N_("SECONDS")},
        G_OPTION_ENTRY_NULL,
    };

    /* Who starts us may have signals blocked for itself (wg-wrap demo has). */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    g_option_context_set_summary(context, _("The other end of wg-wrap's demo tunnel"));
    g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fail(error);
        return 2;
    }
    if (argc > 1 || lifetime < 0) {
        fputs(_("wg-wrap-demo-peer: Unknown arguments; see --help\n"), stderr);
        return 2;
    }
    return url ? fetch(url) : serve((guint)lifetime);
}
