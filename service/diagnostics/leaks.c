/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "diagnostics/leaks.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "diagnostics/check.h"
#include "diagnostics/page.h"
#include "namespace/box.h"

#define ADVICE                                                                                    \
    _("Close the tunnel, with wg-wrap down --force, and report this: it is a mistake of wg-wrap " \
      "or of this machine.")

#define RESOLV_CONF "/etc/resolv.conf"
#define NSSWITCH    "/etc/nsswitch.conf"

static gboolean
is_ours(const char *interface)
{
    return g_str_equal(interface, "lo") || g_str_equal(interface, NS_INTERFACE);
}

static void
append(GString *list, const char *word)
{
    g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", word);
}

static void
look_at_namespace(WgwCheck *check)
{
    g_autofree char *own = g_file_read_link("/proc/self/ns/net", NULL);

    if (!own || g_str_equal(own, check->host->network))
        wgw_check_fail(check, ADVICE, _("that of the machine"));
    else
        wgw_check_pass(check, _("the tunnel's own"));
}

static void
look_at_interfaces(WgwCheck *check)
{
    struct if_nameindex *all = if_nameindex();
    g_autoptr(GString) found = g_string_new(NULL);
    gboolean passed = all != NULL;

    for (struct if_nameindex *one = all; one && one->if_name; one++) {
        append(found, one->if_name);
        passed = passed && is_ours(one->if_name);
    }
    if (all)
        if_freenameindex(all);
    if (passed && if_nametoindex(NS_INTERFACE) > 0)
        wgw_check_pass(check, "%s", found->str);
    else
        wgw_check_fail(check, ADVICE, "%s", found->str);
}

/* Routes as the kernel lists them, one a line: by which interface, and whether for everything. */
static void
look_at_routes(WgwCheck *check, const char *path, gsize device, gsize destination, gsize prefix)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GString) others = g_string_new(NULL);
    guint n = 0;
    gboolean everything = FALSE;

    /* A kernel without IPv6 has no such file. */
    g_file_get_contents(path, &text, NULL, NULL);
    lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_regex_split_simple("[ \t]+", *line, 0, 0);

        if (g_strv_length(words) <= device || g_str_equal(words[device], "Iface"))
            continue;
        if (!is_ours(words[device]) && !strstr(others->str, words[device]))
            append(others, words[device]);
        if (!g_str_equal(words[device], NS_INTERFACE))
            continue;
        n++;
        everything |= strspn(words[destination], "0") == strlen(words[destination]) &&
                      strspn(words[prefix], "0") == strlen(words[prefix]);
    }
    if (others->len > 0)
        wgw_check_fail(check, ADVICE, _("routes through %s"), others->str);
    else if (everything)
        wgw_check_pass(check, _("everything goes through %s"), NS_INTERFACE);
    else if (n > 0)
        wgw_check_pass(check, _("something goes through %s, the rest nowhere"), NS_INTERFACE);
    else
        wgw_check_pass(check, _("goes nowhere"));
}

static void
look_at_ipv4(WgwCheck *check)
{
    look_at_routes(check, "/proc/net/route", 0, 1, 7);
}

static void
look_at_ipv6(WgwCheck *check)
{
    look_at_routes(check, "/proc/net/ipv6_route", 9, 0, 1);
}

/* The words of the lines that begin with @keyword, "nameserver" or "hosts:". */
static char **
dup_words(const char *path, const char *keyword)
{
    g_autoptr(GStrvBuilder) found = g_strv_builder_new();
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_regex_split_simple("\\s+", g_strstrip(*line), 0, 0);

        if (words[0] && g_str_equal(words[0], keyword))
            g_strv_builder_addv(found, (const char **)words + 1);
    }
    return g_strv_builder_end(found);
}

static void
look_at_name_servers(WgwCheck *check)
{
    g_auto(GStrv) servers = dup_words(RESOLV_CONF, "nameserver");
    g_autofree char *found = *servers ? g_strjoinv(", ", servers) : g_strdup(_("none"));

    if (!check->host->servers)
        wgw_check_pass(check, _("%s (the profile cannot be read)"), found);
    else if (g_strv_equal((const char *const *)servers, check->host->servers))
        wgw_check_pass(check, "%s", found);
    else
        wgw_check_fail(check, ADVICE, _("%s, which is not what the profile says"), found);
}

static void
look_at_name_lookup(WgwCheck *check)
{
    static const char *const allowed[] = {"files", "dns", "myhostname", NULL};
    g_auto(GStrv) ways = dup_words(NSSWITCH, "hosts:");
    g_autofree char *found = g_strjoinv(" ", ways);
    gboolean passed = *ways != NULL;

    for (char **way = ways; *way; way++)
        passed = passed && g_strv_contains(allowed, *way);
    if (passed)
        wgw_check_pass(check, "%s", found);
    else
        wgw_check_fail(check, ADVICE, "%s", *found ? found : _("nothing is said of hosts"));
}

/* Whether anybody listens there, of whatever type. */
static gboolean
can_be_reached(const char *path)
{
    WGW_AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (fd < 0)
        return TRUE;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return TRUE;
    return errno == EPROTOTYPE || errno == EAGAIN;
}

static void
look_for(WgwCheck *check, const char *const *paths)
{
    g_autoptr(GString) found = g_string_new(NULL);

    for (; *paths; paths++)
        if (can_be_reached(*paths))
            append(found, *paths);
    if (found->len > 0)
        wgw_check_fail(check, ADVICE, _("can be reached: %s"), found->str);
    else
        wgw_check_pass(check, _("out of reach"));
}

static void
look_for_resolvers(WgwCheck *check)
{
    static const char *const paths[] = {
        "/run/nscd/socket",
        "/var/run/nscd/socket",
        "/run/unscd/socket",
        "/run/systemd/resolve/io.systemd.Resolve",
        "/run/systemd/resolve/io.systemd.Resolve.Monitor",
        "/run/systemd/resolve.hook/io.systemd.Network",
        "/run/avahi-daemon/socket",
        "/var/run/avahi-daemon/socket",
        "/run/mdnsd",
        "/var/run/mdnsd",
        NULL,
    };

    look_for(check, paths);
}

static void
look_for_system_bus(WgwCheck *check)
{
    static const char *const paths[] = {
        "/run/dbus/system_bus_socket",
        "/var/run/dbus/system_bus_socket",
        NULL,
    };

    look_for(check, paths);
}

static void
look_at_capabilities(WgwCheck *check)
{
    static const char *const sets[] = {"CapInh:", "CapPrm:", "CapEff:", "CapAmb:"};
    gboolean none = TRUE;
    g_auto(GStrv) no_new_privileges = dup_words("/proc/self/status", "NoNewPrivs:");

    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
        g_auto(GStrv) set = dup_words("/proc/self/status", sets[i]);

        none = none && *set && strspn(*set, "0") == strlen(*set);
    }
    if (none && g_strcmp0(*no_new_privileges, "1") == 0)
        wgw_check_pass(check, _("none, and none can be gained"));
    else
        wgw_check_fail(check, ADVICE, none ? _("none, but some can be gained") : _("some"));
}

static void
ask_page(WgwCheck *check)
{
    const char *page = check->host->page;
    g_autoptr(GError) error = NULL;
    g_autoptr(GInetAddress) address = wgw_page_ask(page, &error);
    g_autofree char *seen = address ? g_inet_address_to_string(address) : NULL;

    if (!seen)
        wgw_check_fail(check,
                       _("See whether this page can be opened in the tunnel, or choose another one "
                         "with: wg-wrap profile set PROFILE --address-page URL"),
                       "%s: %s", page, error->message);
    else if (check->host->addresses && g_strv_contains(check->host->addresses, seen))
        wgw_check_fail(check, ADVICE, _("%s, which is this machine's own outside, says %s"), seen,
                       page);
    else
        wgw_check_pass(check, _("%s, says %s"), seen, page);
}

static gboolean
can_enter(int fd)
{
    return fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
}

/* Where programs outside send and listen. Goes last: who is there looks from there. */
static void
look_for_way_out(WgwCheck *check)
{
    const pid_t outside[] = {1, check->host->process};

    for (gsize i = 0; i < G_N_ELEMENTS(outside); i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/ns/net", outside[i]);
        WGW_AUTOCLOSE int network = open(path, O_RDONLY | O_CLOEXEC);
        WGW_AUTOCLOSE int pidfd = pidfd_open(outside[i], 0);

        if (can_enter(network) || can_enter(pidfd)) {
            wgw_check_fail(check, ADVICE, _("the network of process %d can be entered"),
                           outside[i]);
            return;
        }
    }
    wgw_check_pass(check, _("there is none"));
}

GVariant *
wgw_leaks_run(const WgwLeaksHost *host)
{
    static const WgwCheckRow rows[] = {
        {"network-namespace", N_("Network namespace"), look_at_namespace},
        {"interfaces", N_("Interfaces"), look_at_interfaces},
        {"ipv4", N_("IPv4"), look_at_ipv4},
        {"ipv6", N_("IPv6"), look_at_ipv6},
        {"name-servers", N_("Name servers"), look_at_name_servers},
        {"name-lookup", N_("Name lookup"), look_at_name_lookup},
        {"resolvers-outside", N_("Resolvers outside"), look_for_resolvers},
        {"system-bus", N_("System bus"), look_for_system_bus},
        {"capabilities", N_("Capabilities"), look_at_capabilities},
        {"public-address", N_("Public address"), ask_page},
        {"way-out", N_("Way out"), look_for_way_out},
    };
    WgwCheckRow wanted[G_N_ELEMENTS(rows)];
    gsize n = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (host->page || rows[i].look != ask_page)
            wanted[n++] = rows[i];
    return wgw_checks_run(wanted, n, &(WgwCheck){.host = host});
}
