/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "dbus/error.h"
#include "profile/parser-private.h"

/*
 * From text to WgwConfig, the way a file goes through wg-quick(8) and wg(8):
 *
 *  - wg-quick takes out of [Interface] the keys that it knows itself. It knows a section's line and
 *    a key only without blanks inside.
 *  - wg reads what is left. It removes comments and then all blanks, so "Private Key = a b c" is
 *    PrivateKey=abc; a key without a value is a mistake; a key given twice counts the second time,
 *    except AllowedIPs, which add up; peers of the same public key become one.
 *
 * All problems are gathered. What may be a private key, or a part of one, is repeated in none.
 */

/* What AmneziaWG adds; its packets are not WireGuard's. */
static const char *const amnezia_keys[] = {"Jc", "Jmin", "Jmax", "S1", "S2", "S3", "S4", "H1",
                                           "H2", "H3",   "H4",   "I1", "I2", "I3", "I4", "I5"};

/* Whether wg-quick or wg, whichever it is for, takes the line's key for the rule's. */
static gboolean
rule_matches(WgwParser *parser, const WgwRule *rule)
{
    WgwSpan key = parser->scanner.key;

    return wgw_span_is(key, rule->name) &&
           (!(rule->flags & OF_WG_QUICK) || (parser->plain_section && !wgw_span_has_blanks(key)));
}

/* A key that is shown in a message: a word, with a value behind it, so that it is not the second
 * half of a private key that was broken over two lines. */
static gboolean
is_showable(const WgwScanner *scanner)
{
    for (gsize i = 0; i < scanner->key.len; i++) {
        if (!g_ascii_isalnum(scanner->key.start[i]) && !strchr("-_", scanner->key.start[i]))
            return FALSE;
    }
    return scanner->key.len > 0 && scanner->value.len > 0 && !wgw_span_looks_like_key(scanner->key);
}

static void
take_unknown_key(WgwParser *parser)
{
    const WgwScanner *scanner = &parser->scanner;
    const char *expected = parser->place == IN_INTERFACE
                               ? _("a key of [Interface], such as PrivateKey, Address or DNS")
                               : _("a key of [Peer]: PublicKey, PresharedKey, AllowedIPs, Endpoint "
                                   "or PersistentKeepalive");

    for (gsize i = 0; i < G_N_ELEMENTS(amnezia_keys); i++) {
        if (wgw_span_is(scanner->key, amnezia_keys[i])) {
            wgw_parser_take_error(
                parser, scanner->key.start, "amneziawg",
                g_strdup_printf(_("%s belongs to AmneziaWG, which WireGuard cannot talk to; "
                                  "ask your provider for a WireGuard configuration."),
                                amnezia_keys[i]));
            return;
        }
    }
    for (gsize i = 0; i < WGW_N_RULES; i++) {
        if (wgw_rules[i].place != parser->place && wgw_span_is(scanner->key, wgw_rules[i].name)) {
            wgw_parser_take_error(
                parser, scanner->key.start, "wrong-section",
                g_strdup_printf(_("%s belongs below %s."), wgw_rules[i].name,
                                wgw_rules[i].place == IN_PEER ? "[Peer]" : "[Interface]"));
            return;
        }
    }
    if (is_showable(scanner))
        wgw_parser_bad_value(parser, scanner->key, "unknown-key", expected);
    else
        wgw_parser_take_error(
            parser, scanner->key.start, "unknown-key",
            g_strdup_printf(_("Nobody can read this line; expected %s."), expected));
}

static void
parse_key_line(WgwParser *parser)
{
    const WgwScanner *scanner = &parser->scanner;

    if (parser->place == IN_UNKNOWN)
        return;
    if (parser->place == IN_NOTHING) {
        wgw_parser_take_error(parser, scanner->key.start, "no-section",
                              g_strdup(_("Expected [Interface] or [Peer] before the first key.")));
        return;
    }
    for (gsize i = 0; i < WGW_N_RULES; i++) {
        const WgwRule *rule = &wgw_rules[i];
        guint32 *seen = &parser->seen[parser->place];

        if (rule->place != parser->place || !rule_matches(parser, rule))
            continue;
        if (scanner->kind == WGW_LINE_OTHER ||
            (scanner->value.len == 0 && !(rule->flags & OF_WG_QUICK))) {
            wgw_parser_take_error(
                parser, scanner->key.start, "no-value",
                g_strdup_printf(_("Expected \"%s = \" and a value."), rule->name));
            return;
        }
        if (!(rule->flags & MANY) && (*seen & 1u << i))
            wgw_parser_take_warning(
                parser, scanner->key.start, "repeated-key",
                g_strdup_printf(_("%s was given before; the last one counts."), rule->name));
        *seen |= 1u << i;
        rule->read(parser, rule, scanner->value);
        return;
    }
    take_unknown_key(parser);
}

static void
section_free(gpointer data)
{
    WgwPeerSection *section = data;

    g_free(section->endpoint.host);
    g_array_unref(section->routes);
    g_free(section);
}

static void
parse_section_line(WgwParser *parser)
{
    WgwSpan code = parser->scanner.code;

    parser->plain_section = !wgw_span_has_blanks(code);
    parser->current = NULL;
    if (wgw_span_is(code, "[Interface]")) {
        parser->place = IN_INTERFACE;
        if (!parser->interface_line)
            parser->interface_line = parser->scanner.number;
    } else if (wgw_span_is(code, "[Peer]")) {
        parser->place = IN_PEER;
        parser->seen[IN_PEER] = 0;
        parser->current = g_new0(WgwPeerSection, 1);
        parser->current->line = parser->scanner.number;
        parser->current->column = wgw_parser_column(parser, code.start);
        parser->current->routes = g_array_new(FALSE, FALSE, sizeof(WgwRoute));
        g_ptr_array_add(parser->sections, parser->current);
    } else {
        parser->place = IN_UNKNOWN;
        wgw_parser_bad_value(parser, code, "unknown-section", _("[Interface] or [Peer]"));
    }
}

static void
parse_lines(WgwParser *parser)
{
    const WgwScanner *scanner = &parser->scanner;

    while (wgw_scanner_next(&parser->scanner)) {
        const char *bad;

        bad = memchr(scanner->line.start, '\0', scanner->line.len);
        if (bad) {
            wgw_parser_take_error(parser, bad, "nul-byte",
                                  g_strdup(_("There is a NUL byte. Save the file as UTF-8 text.")));
            return;
        }
        if (!g_utf8_validate_len(scanner->line.start, scanner->line.len, &bad))
            wgw_parser_take_warning(parser, bad, "not-utf8",
                                    g_strdup(_("These bytes are not UTF-8.")));
        switch (scanner->kind) {
        case WGW_LINE_BLANK:
            break;
        case WGW_LINE_SECTION:
            parse_section_line(parser);
            break;
        case WGW_LINE_KEY:
        case WGW_LINE_OTHER:
            parse_key_line(parser);
            break;
        }
    }
}

static void
parser_clear(WgwParser *parser)
{
    g_clear_pointer(&parser->sections, g_ptr_array_unref);
    g_clear_pointer(&parser->addresses, g_hash_table_unref);
    g_clear_pointer(&parser->problems, g_ptr_array_unref);
    g_clear_pointer(&parser->config, wgw_config_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WgwParser, parser_clear)

WgwConfig *
wgw_config_parse(
    const char *text, gssize len, WgwConfigFlags flags, GPtrArray **ret_problems, GError **error)
{
    g_auto(WgwParser) parser = {
        .flags = flags,
        .config = wgw_config_new(),
        .problems = wgw_problems_new(),
        .addresses = g_hash_table_new_full(wgw_address_hash, wgw_address_equal, g_free, NULL),
        .sections = g_ptr_array_new_with_free_func(section_free),
    };
    gsize n = len < 0 ? strlen(text) : (gsize)len;
    const WgwProblem *problem;

    if (n > WGW_CONFIG_MAX_SIZE) {
        wgw_parser_take_problem(
            &parser, 1, 1, WGW_SEVERITY_ERROR, "too-large",
            g_strdup_printf(_("The text is larger than %d bytes."), WGW_CONFIG_MAX_SIZE));
    } else {
        wgw_scanner_init(&parser.scanner, text, n);
        parse_lines(&parser);
        wgw_parser_assemble(&parser);
        wgw_parser_finish_problems(&parser);
    }
    if (ret_problems)
        *ret_problems = g_ptr_array_ref(parser.problems);
    problem = wgw_problems_first_error(parser.problems);
    if (problem) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE, "%u:%u: %s", problem->line,
                    problem->column, problem->message);
        return NULL;
    }
    return g_steal_pointer(&parser.config);
}
