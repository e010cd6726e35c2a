/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * wg-wrap, the command line: one table of verbs, each thin over the service's D-Bus interface. */
#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/verb.h"
#include "config.h"
#include "dbus/numbers.h"

static int print_help(const WgwVerb *verb, char **argv);
static int print_version(const WgwVerb *verb, char **argv);

static const WgwVerb verbs[] = {
    {"run", N_("[PROFILE] [--] COMMAND…"), N_("Run a command inside a tunnel"), wgw_verb_run},
    {"shell", N_("[PROFILE]"), N_("Run a shell inside a tunnel"), wgw_verb_shell},
    {"open", N_("PROFILE URI|FILE|DESKTOP-ID…"),
     N_("Open applications, files and links in a tunnel"), wgw_verb_open},
    {"up", N_("PROFILE"), N_("Open a tunnel, and keep it open"), wgw_verb_up},
    {"down", N_("PROFILE"), N_("Close a tunnel"), wgw_verb_down},
    {"status", N_("[PROFILE]"), N_("Show the tunnels that are up"), wgw_verb_status},
    {"logs", N_("[PROFILE]"), N_("Show what has happened to tunnels"), wgw_verb_logs},
    {"check", N_("PROFILE"), N_("Look for leaks in a tunnel that is up"), wgw_verb_check},
    {"profile list", "", N_("List the profiles"), wgw_verb_profile_list},
    {"profile import", N_("FILE|-"), N_("Make a profile from a wg-quick file"),
     wgw_verb_profile_import},
    {"profile show", N_("PROFILE"), N_("Show a profile's configuration"), wgw_verb_profile_show},
    {"profile check", N_("PROFILE|FILE|-"), N_("Say what is wrong with a configuration"),
     wgw_verb_profile_check},
    {"profile edit", N_("PROFILE"), N_("Edit a profile; a tunnel that is up changes over live"),
     wgw_verb_profile_edit},
    {"profile set", N_("PROFILE"),
     N_("Show or choose what a profile's tunnel and this machine reach of each other"),
     wgw_verb_profile_set},
    {"profile data", N_("[PROFILE]"), N_("Show or delete what programs keep for a profile"),
     wgw_verb_profile_data},
    {"profile rename", N_("PROFILE NAME"), N_("Give a profile another name"),
     wgw_verb_profile_rename},
    {"profile export", N_("PROFILE [FILE|-]"), N_("Write a profile's configuration, keys and all"),
     wgw_verb_profile_export},
    {"profile remove", N_("PROFILE"), N_("Delete a profile"), wgw_verb_profile_remove},
    {"profile default", N_("[PROFILE]"),
     N_("Show or set the profile that is used where none is named"), wgw_verb_profile_default},
    {"link list", "", N_("List which hosts' links open in which tunnels"), wgw_verb_link_list},
    {"link add", N_("HOST PROFILE"),
     N_("Open a host's links in a tunnel; *.example.com is all below it"), wgw_verb_link_add},
    {"link remove", N_("HOST"), N_("Open a host's links as usual again"), wgw_verb_link_remove},
    {"link open", N_("URI|FILE…"), N_("Open links in their tunnels, and others outside"),
     wgw_verb_link_open},
    {"link default", "[on|off]", N_("Show or set whether the desktop opens all links so"),
     wgw_verb_link_default},
    {"link browser", N_("[DESKTOP-ID]"), N_("Show or set what opens links where no rule does"),
     wgw_verb_link_browser},
    {"autostart", N_("PROFILE [on|off]"), N_("Show or set whether a tunnel is opened at login"),
     wgw_verb_autostart},
    {"keygen", "", N_("Make a pair of keys"), wgw_verb_keygen},
    {"doctor", "", N_("Say what is wrong on this machine, and how to put it right"),
     wgw_verb_doctor},
    {"demo", "", N_("Try it out with a tunnel to a peer on this machine"), wgw_verb_demo},
    {"version", "", N_("Show the version"), print_version},
    {"help", N_("[VERB]"), N_("Show this help, or a verb's"), print_help},
};

static int
print_version(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = wgw_verb_parse(verb, NULL, argv, 0, 0);

    if (!operands)
        return WGW_EXIT_USAGE;
    puts("wg-wrap " WGW_VERSION);
    return 0;
}

/* The verb that @argv begins with, its second word too; *ret_last is the index of its last word. */
static const WgwVerb *
find_verb(char **argv, gsize *ret_last)
{
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
        g_auto(GStrv) words = g_strsplit(verbs[i].name, " ", -1);
        gsize n = g_strv_length(words);
        gsize same = 0;

        while (same < n && argv[same] && strcmp(argv[same], words[same]) == 0)
            same++;
        if (same == n) {
            *ret_last = n - 1;
            return &verbs[i];
        }
    }
    return NULL;
}

/* Those whose name begins with @prefix, a whole word or "". How many there are. */
static guint
print_verbs(const char *prefix, FILE *file)
{
    guint n = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
        const char *rest = verbs[i].name + strlen(prefix);

        if (!g_str_has_prefix(verbs[i].name, prefix) || (*prefix && *rest && *rest != ' '))
            continue;
        if (n++ == 0)
            fprintf(file, "%s\n", _("Usage:"));
        fprintf(file, "  wg-wrap %s%s%s\n      %s\n", verbs[i].name, *verbs[i].arguments ? " " : "",
                wgw_verb_arguments(&verbs[i]), _(verbs[i].summary));
    }
    return n;
}

/* Whether @word begins verbs of two words. */
static gboolean
begins_verbs(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (g_str_has_prefix(verbs[i].name, word) && verbs[i].name[strlen(word)] == ' ')
            return TRUE;
    return FALSE;
}

/* What is wanted is none of the verbs: the two words of @name, or its first, which may be told more of. */
static int
refuse_verb(const char *first, const char *name)
{
    g_autofree char *help = g_strconcat("wg-wrap help ", first, NULL);
    gboolean begins = begins_verbs(first);

    wgw_warn(_("There is no verb “%s” (see: %s)"), begins ? name : first,
             begins ? help : "wg-wrap help");
    return WGW_EXIT_USAGE;
}

static int
print_help(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = wgw_verb_parse(verb, NULL, argv, 0, 2);
    g_autofree char *name = NULL;
    const WgwVerb *asked;
    gsize last;

    if (!operands)
        return WGW_EXIT_USAGE;
    asked = find_verb(operands, &last);
    if (asked && !operands[last + 1])
        return asked->run(asked, (char *[]){(char *)asked->name, (char *)"--help", NULL});
    name = g_strjoinv(" ", operands);
    if (print_verbs(name, stdout) == 0)
        return refuse_verb(operands[0], name);
    if (!*name)
        puts(_("\nThe manual: man wg-wrap"));
    return 0;
}

/* What only begins a verb, or nothing: "profile", "profile --help", "profile bogus", "bogus". */
static int
answer_half_a_verb(char **argv)
{
    const char *word = argv[1];
    gboolean help = word && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
    g_autofree char *name = g_strconcat(argv[0], " ", word && !help ? word : "", NULL);

    if (begins_verbs(argv[0]) && (help || !word)) {
        print_verbs(argv[0], help ? stdout : stderr);
        return help ? 0 : WGW_EXIT_USAGE;
    }
    return refuse_verb(argv[0], name);
}

/* What was printed to a full disk, a key perhaps, is not there. */
static int
close_output(int status)
{
    if (!ferror(stdout) && fflush(stdout) == 0)
        return status;
    wgw_warn(_("Not all of the output could be written. Is the disk full?"));
    return WGW_EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
    const WgwVerb *verb;
    gsize last = 0;

    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    wgw_numbers_use();
    if (argc < 2) {
        print_verbs("", stderr);
        return WGW_EXIT_USAGE;
    }
    /* wg-wrap --profile PROFILE COMMAND… is run, spelled as a prefix. */
    if (g_str_has_prefix(argv[1], "--profile"))
        return wgw_verb_run(&verbs[0], argv);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        argv[1] = (char *)"help";
    else if (strcmp(argv[1], "--version") == 0)
        argv[1] = (char *)"version";
    verb = find_verb(argv + 1, &last);
    return close_output(verb ? verb->run(verb, argv + 1 + last) : answer_half_a_verb(argv + 1));
}
