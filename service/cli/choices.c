/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * profile set: what is chosen for a profile beside its file. */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/format.h"
#include "cli/verb.h"

/* The words of a list with commas, spaces or both. (transfer full) */
static char **
split(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, ", ", -1);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    for (char **word = words; *word; word++)
        if (**word)
            g_strv_builder_add(builder, *word);
    return g_strv_builder_end(builder);
}

/* aq of a list of ports, (transfer full), or NULL after the mistake was printed. */
static GVariant *
parse_ports(const WgwVerb *verb, const char *text)
{
    g_auto(GStrv) words = split(text);
    GVariantBuilder list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aq"));

    for (char **word = words; *word; word++) {
        guint64 port;

        if (!g_ascii_string_to_unsigned(*word, 10, 1, G_MAXUINT16, &port, NULL)) {
            g_variant_builder_clear(&list);
            wgw_verb_usage_error(verb, _("“%s” is no port; those are from 1 to 65535"), *word);
            return NULL;
        }
        g_variant_builder_add(&list, "q", (guint16)port);
    }
    return g_variant_ref_sink(g_variant_builder_end(&list));
}

static char *
join_ports(GVariant *ports)
{
    GString *text = g_string_new(NULL);
    GVariantIter iter;
    guint16 port;

    g_variant_iter_init(&iter, ports);
    while (g_variant_iter_next(&iter, "q", &port))
        g_string_append_printf(text, "%s%u", text->len ? ", " : "", port);
    return g_string_free(text, FALSE);
}

static void
print_choices(WgwDbusProfile *profile)
{
    g_autofree char *forwarded = join_ports(wgw_dbus_profile_get_forwarded_ports(profile));
    g_autofree char *published = join_ports(wgw_dbus_profile_get_published_ports(profile));
    g_autofree char *dns = g_strjoinv(", ", (char **)wgw_dbus_profile_get_tunnel_dns(profile));
    g_autoptr(WgwTable) table = wgw_table_new(3);

    wgw_table_add(table, _("OPTION"), _("VALUE"), _("MEANING"));
    wgw_table_add(table, "--forward", forwarded, _("ports of this machine, reached in the tunnel"));
    wgw_table_add(table, "--publish", published, _("ports of the tunnel, reached on this machine"));
    wgw_table_add(table, "--dns", dns, _("resolvers for a profile without DNS="));
    wgw_table_add(table, "--bus", wgw_dbus_profile_get_bus(profile),
                  _("session bus of programs launched in it"));
    wgw_table_add(table, "--address-page", wgw_dbus_profile_get_address_page(profile),
                  _("web page that tells your address, for wg-wrap check"));
    wgw_table_print(table);
}

int
wgw_verb_profile_set(const WgwVerb *verb, char **argv)
{
    g_autofree char *forward = NULL;
    g_autofree char *publish = NULL;
    g_autofree char *dns = NULL;
    g_autofree char *bus = NULL;
    g_autofree char *page = NULL;
    g_auto(GStrv) operands = NULL;
    g_auto(GStrv) servers = NULL;
    g_autoptr(GVariant) forwarded = NULL;
    g_autoptr(GVariant) published = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"forward", 0, 0, G_OPTION_ARG_STRING, &forward,
         N_("Ports of this machine's loopback that are reached in the tunnel; “” for none"),
         N_("PORTS")},
        {"publish", 0, 0, G_OPTION_ARG_STRING, &publish,
         N_("Ports of the tunnel that are reached on this machine's loopback; “” for none"),
         N_("PORTS")},
        {"dns", 0, 0, G_OPTION_ARG_STRING, &dns,
         N_("Resolvers to use through the tunnel where the profile has no DNS="), N_("ADDRESSES")},
        {"bus", 0, 0, G_OPTION_ARG_STRING, &bus,
         N_("Session bus of programs launched in it: auto, shared or private; “” for as in others"),
         N_("POLICY")},
        {"address-page", 0, 0, G_OPTION_ARG_STRING, &page,
         N_("A web page that tells who asks for it, to be asked by wg-wrap check; “” for none"),
         N_("URL")},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (forward && !(forwarded = parse_ports(verb, forward)))
        return WGW_EXIT_USAGE;
    if (publish && !(published = parse_ports(verb, publish)))
        return WGW_EXIT_USAGE;
    profile = wgw_client_profile(operands[0], &error);
    if (!profile)
        return wgw_fail(error);
    if (!forward && !publish && !dns && !bus && !page) {
        print_choices(profile);
        return 0;
    }
    if (!forwarded)
        forwarded = g_variant_ref(wgw_dbus_profile_get_forwarded_ports(profile));
    if (!published)
        published = g_variant_ref(wgw_dbus_profile_get_published_ports(profile));
    if ((forward || publish) &&
        !wgw_dbus_profile_call_set_local_ports_sync(profile, forwarded, published, NULL, &error))
        return wgw_fail(error);
    servers = dns ? split(dns) : NULL;
    if (servers && !wgw_dbus_profile_call_set_tunnel_dns_sync(profile, (const char *const *)servers,
                                                              NULL, &error))
        return wgw_fail(error);
    if (bus && !wgw_dbus_profile_call_set_bus_sync(profile, bus, NULL, &error))
        return wgw_fail(error);
    if (page && !wgw_dbus_profile_call_set_address_page_sync(profile, page, NULL, &error))
        return wgw_fail(error);
    return 0;
}
