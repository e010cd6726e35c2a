/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Desktop entries in the directories that G_TEST_OPTION_ISOLATE_DIRS gives each test. */

/* write_entry - make file ("a.desktop", "vendor/a.desktop") in directory's applications the text;
 * directory NULL: the user's data. Its path; free with g_free. */
char *write_entry(const char *directory, const char *file, const char *text);

/* entry_text - a plain entry of an application with that line for Exec= and more lines. */
char *entry_text(const char *exec, const char *more);

/* join_commands - "a|b c; a|d" for [["a", "b c"], ["a", "d"]]. Free with g_free. */
char *join_commands(GPtrArray *commands);
