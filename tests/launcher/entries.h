/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Desktop entries in XDG directories that belong to the test program. (GLib's own isolation is for
 * each test, and loses memory each time, which is noise where leaks are looked for.) */

/* init_isolated - g_test_init, and the directories. */
void init_isolated(int *argc, char ***argv);

/* run_isolated - g_test_run, and no more directories. */
int run_isolated(void);

/* write_entry - make file ("a.desktop", "vendor/a.desktop") in directory's applications the text;
 * directory NULL: the user's data. Its path, which lives on. */
const char *write_entry(const char *directory, const char *file, const char *text);

/* entry_text - a plain entry of an application with that line for Exec= and more lines. */
char *entry_text(const char *exec, const char *more);

/* join_commands - "a|b c; a|d" for [["a", "b c"], ["a", "d"]]. Free with g_free. */
char *join_commands(GPtrArray *commands);
