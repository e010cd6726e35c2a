/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* What a program of the shell expects. run and shell have env(1)'s codes instead: theirs are the
 * command's, so 125 is wg-wrap's own failure, and wg-wrap-join has 126 and 127. */
enum {
    WGW_EXIT_FAILURE = 1,
    WGW_EXIT_USAGE = 2,
    WGW_EXIT_RUN_FAILURE = 125,
};

/* One thing that the command line can do: a row of the table in main.c. */
typedef struct WgwVerb {
    const char *name;      /* one word or two: "run", "profile list" */
    const char *arguments; /* the operands, for help, marked N_(), or "" */
    const char *summary;   /* for help, marked N_() */
    /* argv[0] is the name's last word; the exit status */
    int (*run)(const struct WgwVerb *verb, char **argv);
} WgwVerb;

/* wgw_verb_parse - take the options out of @argv, as told by @options, which may be NULL, and check
 * that @min to @max operands remain. The operands, byte for byte, (transfer full); or NULL after
 * the mistake was printed, for WGW_EXIT_USAGE. Prints help and exits for --help. */
char **
wgw_verb_parse(const WgwVerb *verb, const GOptionEntry *options, char **argv, guint min, guint max);

/* wgw_verb_arguments - the operands in the reader's language. */
const char *wgw_verb_arguments(const WgwVerb *verb);

/* wgw_verb_usage_error - print what is wrong with the arguments, and where help is. Returns
 * WGW_EXIT_USAGE. */
int wgw_verb_usage_error(const WgwVerb *verb, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* wgw_fail - print @error as one line, freed of what D-Bus put before its message, and free it.
 * Returns WGW_EXIT_FAILURE. */
int wgw_fail(GError *error);

/* wgw_warn - print one line on the standard error, as wgw_fail does. */
void wgw_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* wgw_run_is_inside - whether this process is in a session, whose profile WGW_PROFILE_VARIABLE tells. */
gboolean wgw_run_is_inside(void);

int wgw_verb_run(const WgwVerb *verb, char **argv);
int wgw_verb_shell(const WgwVerb *verb, char **argv);
int wgw_verb_open(const WgwVerb *verb, char **argv);
int wgw_verb_up(const WgwVerb *verb, char **argv);
int wgw_verb_down(const WgwVerb *verb, char **argv);
int wgw_verb_status(const WgwVerb *verb, char **argv);
int wgw_verb_logs(const WgwVerb *verb, char **argv);
int wgw_verb_profile_list(const WgwVerb *verb, char **argv);
int wgw_verb_profile_import(const WgwVerb *verb, char **argv);
int wgw_verb_profile_show(const WgwVerb *verb, char **argv);
int wgw_verb_profile_check(const WgwVerb *verb, char **argv);
int wgw_verb_profile_edit(const WgwVerb *verb, char **argv);
int wgw_verb_profile_data(const WgwVerb *verb, char **argv);
int wgw_verb_profile_set(const WgwVerb *verb, char **argv);
int wgw_verb_profile_rename(const WgwVerb *verb, char **argv);
int wgw_verb_profile_export(const WgwVerb *verb, char **argv);
int wgw_verb_profile_remove(const WgwVerb *verb, char **argv);
int wgw_verb_profile_default(const WgwVerb *verb, char **argv);
int wgw_verb_link_open(const WgwVerb *verb, char **argv);
int wgw_verb_link_list(const WgwVerb *verb, char **argv);
int wgw_verb_link_add(const WgwVerb *verb, char **argv);
int wgw_verb_link_remove(const WgwVerb *verb, char **argv);
int wgw_verb_link_default(const WgwVerb *verb, char **argv);
int wgw_verb_link_browser(const WgwVerb *verb, char **argv);
int wgw_verb_autostart(const WgwVerb *verb, char **argv);
int wgw_verb_keygen(const WgwVerb *verb, char **argv);
int wgw_verb_doctor(const WgwVerb *verb, char **argv);
int wgw_verb_check(const WgwVerb *verb, char **argv);
int wgw_verb_demo(const WgwVerb *verb, char **argv);
