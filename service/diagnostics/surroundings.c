/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * The user's directories, the session bus, and the installation. */
#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/program.h"
#include "dbus/names.h"
#include "dbus/path.h"
#include "diagnostics/check.h"

#define BUS_TIMEOUT_MS 2000
#define SPACE_NEEDED   (1024 * 1024)
#define RESOLV_CONF    "/etc/resolv.conf"

void
wgw_check_runtime_directory(WgwCheck *check)
{
    const char *path = g_getenv("XDG_RUNTIME_DIR");
    g_autofree char *directory = wgw_path_session_directory("");
    g_autofree char *longest = g_build_filename(directory, "engine", NULL);
    struct statvfs space;
    struct stat st;

    if (!path || !*path)
        wgw_check_fail(check,
                       _("Log in through a session manager, or set it to a directory of "
                         "your own with mode 0700."),
                       _("XDG_RUNTIME_DIR is not set"));
    else if (stat(path, &st) < 0)
        wgw_check_fail(check, _("Log in anew, or make it with mode 0700."), "%s: %s", path,
                       g_strerror(errno));
    else if (!S_ISDIR(st.st_mode) || st.st_uid != getuid())
        wgw_check_fail(check, _("Set XDG_RUNTIME_DIR to a directory of your own."),
                       _("%s is not this user's directory"), path);
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        wgw_check_fail(check, _("Close it: chmod 0700 \"$XDG_RUNTIME_DIR\"."),
                       _("%s is open to others (mode %04o)"), path, st.st_mode & 07777);
    else if (strlen(longest) >= sizeof((struct sockaddr_un *)0)->sun_path)
        wgw_check_fail(check, _("Set XDG_RUNTIME_DIR to a shorter path."),
                       _("the path of a socket in it would be %zu bytes long"), strlen(longest));
    else if (statvfs(path, &space) == 0 && space.f_bavail * space.f_frsize < SPACE_NEEDED)
        wgw_check_fail(check, _("Make room in it."), _("%s is full"), path);
    else
        wgw_check_pass(check, "%s", path);
}

void
wgw_check_profiles_directory(WgwCheck *check)
{
    g_autofree char *path = g_build_filename(g_get_user_config_dir(), "wg-wrap", "profiles", NULL);
    g_autofree char *shown = wgw_check_dup_tilde(path);
    struct stat st;

    if (stat(path, &st) < 0 && errno == ENOENT)
        wgw_check_pass(check, _("%s: not there yet, the first import makes it"), shown);
    else if (stat(path, &st) < 0)
        wgw_check_fail(check, _("Make it accessible to yourself."), "%s: %s", shown,
                       g_strerror(errno));
    else if (!S_ISDIR(st.st_mode) || st.st_uid != getuid() || access(path, W_OK | X_OK) < 0)
        wgw_check_fail(check, _("Make it a directory of your own that you may write."),
                       _("%s is not writable"), shown);
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        wgw_check_fail(check, _("It has private keys in it; close it: chmod 0700."),
                       _("%s is open to others (mode %04o)"), shown, st.st_mode & 07777);
    else
        wgw_check_pass(check, "%s", shown);
}

/* Endpoints' names are resolved outside, by the machine's resolver; inside, a file of the session's
 * own is mounted over this one, which needs something to be mounted over. */
void
wgw_check_resolver(WgwCheck *check)
{
    g_autofree char *target = g_file_read_link(RESOLV_CONF, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = NULL;
    guint servers = 0;

    if (!g_file_get_contents(RESOLV_CONF, &text, NULL, &error)) {
        wgw_check_fail(check, _("Put /etc/resolv.conf right, or what manages it."), "%s",
                       error->message);
        return;
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        servers += g_str_has_prefix(*line, "nameserver");
    if (target)
        wgw_check_pass(check, ngettext("%u name server, in %s", "%u name servers, in %s", servers),
                       servers, target);
    else
        wgw_check_pass(check, ngettext("%u name server", "%u name servers", servers), servers);
}

void
wgw_check_session_bus(WgwCheck *check)
{
    const char *address = g_getenv("DBUS_SESSION_BUS_ADDRESS");
    g_autofree char *proxy = g_find_program_in_path("xdg-dbus-proxy");

    if (!check->bus || g_dbus_connection_is_closed(check->bus))
        wgw_check_fail(check, _("Log in to a desktop session, or use dbus-run-session."),
                       _("cannot be reached"));
    else if (!(g_dbus_connection_get_capabilities(check->bus) &
               G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING))
        wgw_check_fail(check, _("Use a bus on a Unix socket (DBUS_SESSION_BUS_ADDRESS=unix:…)."),
                       _("cannot pass descriptors"));
    else if (address && strstr(address, "abstract=") && proxy)
        wgw_check_pass(check, _("answers; it has no path, so programs in tunnels reach it by "
                                "xdg-dbus-proxy"));
    else if (address && strstr(address, "abstract="))
        wgw_check_pass(
            check, _("answers; it has no path, so programs in tunnels, which could reach it by "
                     "xdg-dbus-proxy if that were installed, are on a bus of the tunnel's own"));
    else
        wgw_check_pass(check, _("answers"));
}

static GVariant *
ask_bus(GDBusConnection *bus, const char *method, GVariant *arguments, const char *type)
{
    return g_dbus_connection_call_sync(
        bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
        arguments, G_VARIANT_TYPE(type), G_DBUS_CALL_FLAGS_NONE, BUS_TIMEOUT_MS, NULL, NULL);
}

void
wgw_check_service(WgwCheck *check)
{
    g_autoptr(GVariant) owned = NULL;
    g_autoptr(GVariant) names = NULL;
    g_autofree const char **activatable = NULL;
    gboolean running = FALSE;

    if (!check->bus) {
        wgw_check_fail(check, _("Put the session bus right first."), _("cannot be reached"));
        return;
    }
    owned = ask_bus(check->bus, "NameHasOwner", g_variant_new("(s)", WGW_BUS_NAME), "(b)");
    names = ask_bus(check->bus, "ListActivatableNames", NULL, "(as)");
    if (owned)
        g_variant_get(owned, "(b)", &running);
    if (names)
        g_variant_get(names, "(^a&s)", &activatable);
    if (activatable && g_strv_contains(activatable, WGW_BUS_NAME))
        wgw_check_pass(check, running ? _("runs") : _("the bus starts it when it is needed"));
    else if (running)
        wgw_check_pass(check, _("runs, but the bus could not start it by itself"));
    else
        wgw_check_fail(check,
                       _("Install wg-wrap below a directory of XDG_DATA_DIRS, then log in "
                         "anew."),
                       _("the session bus does not know %s"), WGW_BUS_NAME);
}

void
wgw_check_programs(WgwCheck *check)
{
    static const char *const programs[] = {
        "wg-wrapd",      "wg-wrap-supervisor", "wg-wrap-engine", "wg-wrap-cli",     "wg-wrap-join",
        "wg-wrap-probe", "wg-wrap-check",      "wg-wrap-relay",  "wg-wrap-stand-in"};
    g_autoptr(GString) missing = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = wgw_program_path(programs[i]);

        if (!path || access(path, X_OK) < 0)
            g_string_append_printf(missing, "%s%s", missing->len ? ", " : "", programs[i]);
    }
    if (missing->len)
        wgw_check_fail(check, _("Install wg-wrap again."), _("missing: %s"), missing->str);
    else
        wgw_check_pass(check, _("all are there"));
}
