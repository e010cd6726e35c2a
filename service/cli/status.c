/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * status: what runs, once or over and over. */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/verb.h"

/* Several properties change at once, and each is a signal of its own object: look once. */
#define SETTLE_MS 100

/* Cursor home, and clear from there: less flicker than clearing first. */
#define TERMINAL_HOME  "\033[H"
#define TERMINAL_CLEAR "\033[J"

typedef struct {
    GDBusObjectManager *objects;
    const char *profile; /* NULL for all */
    gboolean json;
    gboolean watch;
    guint pending; /* a source, 0 for none */
} Status;

/* The profile and its session, of those that are wanted and run. */
typedef void (*SessionFunc)(WgwDbusProfile *profile, WgwDbusSession *session, gpointer data);

static guint
for_each_session(Status *status, SessionFunc function, gpointer data)
{
    g_autoptr(GPtrArray) profiles = wgw_client_list_profiles(status->objects);
    guint n = 0;

    for (guint i = 0; i < profiles->len; i++) {
        WgwDbusProfile *profile = profiles->pdata[i];
        g_autoptr(WgwDbusSession) session = wgw_client_find_session(status->objects, profile);

        if (!session ||
            (status->profile && strcmp(status->profile, wgw_dbus_profile_get_name(profile)) != 0))
            continue;
        function(profile, session, data);
        n++;
    }
    return n;
}

static const char *
state_colour(const char *state)
{
    if (strcmp(state, "connected") == 0)
        return wgw_format_good();
    if (strcmp(state, "stalled") == 0 || strcmp(state, "failed") == 0)
        return wgw_format_bad();
    return wgw_format_bold();
}

static void
print_field(const char *name, const char *value)
{
    g_autofree char *line = wgw_format_line(value);

    fputs("  ", stdout);
    wgw_format_print_cell(name, 12);
    puts(line);
}

static void
print_peer(GVariant *peer, gint64 now)
{
    const char *public_key = "";
    const char *endpoint = "";
    guint64 handshake = 0;
    guint64 rx = 0;
    guint64 tx = 0;
    g_autofree char *ago = NULL;
    g_autofree char *when = NULL;
    g_autofree char *rx_text = NULL;
    g_autofree char *tx_text = NULL;
    g_autofree char *traffic = NULL;

    g_variant_lookup(peer, "public-key", "&s", &public_key);
    g_variant_lookup(peer, "endpoint", "&s", &endpoint);
    g_variant_lookup(peer, "last-handshake", "t", &handshake);
    g_variant_lookup(peer, "rx-bytes", "t", &rx);
    g_variant_lookup(peer, "tx-bytes", "t", &tx);
    ago = wgw_format_seconds(now / G_USEC_PER_SEC - (gint64)handshake);
    /* Translators: "12 s ago" */
    when = handshake ? g_strdup_printf(_("%s ago"), ago) : g_strdup(_("none yet"));
    rx_text = g_format_size_full(rx, G_FORMAT_SIZE_IEC_UNITS);
    tx_text = g_format_size_full(tx, G_FORMAT_SIZE_IEC_UNITS);
    traffic = g_strdup_printf(_("%s received, %s sent"), rx_text, tx_text);
    /* Translators: names of fields, here and below, have 11 characters at most. */
    print_field(_("peer"), public_key);
    print_field(_("endpoint"), *endpoint ? endpoint : _("unknown"));
    print_field(_("handshake"), when);
    print_field(_("traffic"), traffic);
}

/* What names are asked of, or why nobody is. */
static void
print_names(WgwDbusProfile *profile)
{
    const char *const *servers = wgw_dbus_profile_get_dns(profile);
    g_autofree char *text = NULL;

    if (!*servers)
        servers = wgw_dbus_profile_get_tunnel_dns(profile);
    text = g_strjoinv(", ", (char **)servers);
    print_field(
        _("names"),
        *text ? text
              : _("do not resolve, for the profile has no DNS= (see: wg-wrap profile set --dns)"));
}

static void
print_ports(GVariant *ports)
{
    GVariantIter iter;
    const char *direction, *problem;
    guint16 port;

    g_variant_iter_init(&iter, ports);
    while (g_variant_iter_next(&iter, "(&sq&s)", &direction, &port, &problem)) {
        g_autofree char *number = g_strdup_printf("%u", port);

        /* Translators: ports of this machine reached in the tunnel; and of the tunnel, on this machine */
        print_field(strcmp(direction, "forward") == 0 ? _("forwarded") : _("published"),
                    *problem ? problem : number);
    }
}

static void
print_session(WgwDbusProfile *profile, WgwDbusSession *session, gpointer data)
{
    gint64 now = g_get_real_time();
    const char *state = wgw_dbus_session_get_state(session);
    const char *reason = wgw_dbus_session_get_reason(session);
    g_autofree char *name = wgw_format_line(wgw_dbus_profile_get_name(profile));
    g_autofree char *shown_state = wgw_format_line(wgw_format_state(state));
    g_autofree char *since =
        wgw_format_seconds((now - (gint64)wgw_dbus_session_get_since(session)) / G_USEC_PER_SEC);
    g_autofree char *addresses = g_strjoinv(", ", (char **)wgw_dbus_profile_get_addresses(profile));
    GVariantIter iter;
    GVariant *peer;
    guint32 pid;
    const char *program;
    const char *desktop_id;

    printf("%s%s%s: %s%s%s ", wgw_format_bold(), name, wgw_format_plain(), state_colour(state),
           shown_state, wgw_format_plain());
    /* Translators: how long a tunnel has been in its state: "connected for 3 min" */
    printf(_("for %s"), since);
    putchar('\n');
    if (*reason)
        print_field(_("reason"), reason);
    print_field(_("addresses"), addresses);
    print_names(profile);
    print_ports(wgw_dbus_session_get_local_ports(session));
    g_variant_iter_init(&iter, wgw_dbus_session_get_peers(session));
    while (g_variant_iter_loop(&iter, "@a{sv}", &peer))
        print_peer(peer, now);
    g_variant_iter_init(&iter, wgw_dbus_session_get_programs(session));
    while (g_variant_iter_next(&iter, "(u&s&s)", &pid, &program, &desktop_id)) {
        g_autofree char *line = g_strdup_printf("%u %s", pid, program);

        print_field(_("program"), line);
    }
    if (wgw_dbus_session_get_held(session))
        print_field(_("held"), _("until wg-wrap down"));
}

static void
add_session(WgwDbusProfile *profile, WgwDbusSession *session, gpointer list)
{
    GVariantDict row = G_VARIANT_DICT_INIT(NULL);
    GVariantBuilder programs = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
    GVariantIter iter;
    guint32 pid;
    const char *program;
    const char *desktop_id;

    g_variant_iter_init(&iter, wgw_dbus_session_get_programs(session));
    while (g_variant_iter_next(&iter, "(u&s&s)", &pid, &program, &desktop_id)) {
        GVariantDict entry = G_VARIANT_DICT_INIT(NULL);

        g_variant_dict_insert(&entry, "pid", "u", pid);
        g_variant_dict_insert(&entry, "name", "s", program);
        g_variant_dict_insert(&entry, "desktop-id", "s", desktop_id);
        g_variant_builder_add_value(&programs, g_variant_dict_end(&entry));
    }
    g_variant_dict_insert(&row, "profile", "s", wgw_dbus_profile_get_name(profile));
    g_variant_dict_insert(&row, "state", "s", wgw_dbus_session_get_state(session));
    g_variant_dict_insert(&row, "reason", "s", wgw_dbus_session_get_reason(session));
    g_variant_dict_insert(&row, "since", "t", wgw_dbus_session_get_since(session));
    g_variant_dict_insert(&row, "addresses", "^as", wgw_dbus_profile_get_addresses(profile));
    g_variant_dict_insert_value(&row, "peers", wgw_dbus_session_get_peers(session));
    g_variant_dict_insert(&row, "rx-bytes", "t", wgw_dbus_session_get_rx_bytes(session));
    g_variant_dict_insert(&row, "tx-bytes", "t", wgw_dbus_session_get_tx_bytes(session));
    g_variant_dict_insert_value(&row, "programs", g_variant_builder_end(&programs));
    g_variant_dict_insert_value(&row, "local-ports", wgw_dbus_session_get_local_ports(session));
    g_variant_dict_insert(&row, "held", "b", wgw_dbus_session_get_held(session));
    g_variant_dict_insert(&row, "linger", "u", wgw_dbus_session_get_linger(session));
    g_variant_builder_add_value(list, g_variant_dict_end(&row));
}

static void
print_status(Status *status)
{
    gboolean screen = status->watch && isatty(STDOUT_FILENO);
    GVariantBuilder list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));

    if (status->json) {
        for_each_session(status, add_session, &list);
        /* A reader of --watch takes a line for a whole. */
        wgw_json_print(g_variant_builder_end(&list), !status->watch);
        return;
    }
    g_variant_builder_clear(&list);
    if (screen)
        fputs(TERMINAL_HOME TERMINAL_CLEAR, stdout);
    if (for_each_session(status, print_session, NULL) == 0) {
        if (status->profile)
            printf(_("The tunnel “%s” is not up."), status->profile);
        else
            fputs(_("No tunnel is up."), stdout);
        putchar('\n');
    }
    fflush(stdout);
}

static gboolean
on_settled(gpointer data)
{
    Status *status = data;

    status->pending = 0;
    print_status(status);
    return G_SOURCE_REMOVE;
}

static void
on_changed(Status *status)
{
    if (!status->pending)
        status->pending = g_timeout_add(SETTLE_MS, on_settled, status);
}

/* "12 s ago" grows older without a signal; only a person reads that. */
static gboolean
on_second(gpointer data)
{
    print_status(data);
    return G_SOURCE_CONTINUE;
}

static void
watch(Status *status)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    static const char *const signals[] = {"object-added",
                                          "object-removed",
                                          "interface-added",
                                          "interface-removed",
                                          "interface-proxy-properties-changed",
                                          "notify::name-owner"};

    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        g_signal_connect_swapped(status->objects, signals[i], G_CALLBACK(on_changed), status);
    if (!status->json && isatty(STDOUT_FILENO))
        g_timeout_add_seconds(1, on_second, status);
    g_main_loop_run(loop);
}

int
wgw_verb_status(const WgwVerb *verb, char **argv)
{
    Status status = {0};
    g_auto(GStrv) operands = NULL;
    g_autoptr(GDBusObjectManager) objects = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &status.json, N_("For programs"), NULL},
        {"watch", 'w', 0, G_OPTION_ARG_NONE, &status.watch, N_("Again at each change"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 0, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    objects = wgw_client_objects(&error);
    if (!objects || (operands[0] && !wgw_client_check_profile(objects, operands[0], &error)))
        return wgw_fail(error);
    status.objects = objects;
    status.profile = operands[0];
    print_status(&status);
    if (status.watch)
        watch(&status);
    return 0;
}
