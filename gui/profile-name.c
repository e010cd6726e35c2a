/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/profile-name.h"

#include <string.h>

/* The contract's; and with ".conf" it is a file's name, which has 255 bytes at most. */
#define MAX_CHARS 64
#define MAX_BYTES 240

static void
truncate_to(GString *name, gsize room_chars, gsize room_bytes)
{
    const char *end = name->str;

    for (gsize n = 0; *end && n < room_chars; n++) {
        const char *next = g_utf8_next_char(end);

        if ((gsize)(next - name->str) > room_bytes)
            break;
        end = next;
    }
    g_string_truncate(name, (gsize)(end - name->str));
}

char *
wgw_profile_name_make(const char *wish, guint number)
{
    g_autofree char *valid = g_utf8_make_valid(wish, -1);
    g_autofree char *suffix = number > 1 ? g_strdup_printf(" %u", number) : g_strdup("");
    g_autoptr(GString) name = g_string_new(NULL);

    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        /* Nobody means a space in front. */
        if (name->len == 0 && (c == '.' || g_unichar_isspace(c)))
            continue;
        g_string_append_unichar(name, c == '/' || !g_unichar_isprint(c) ? '-' : c);
    }
    if (name->len == 0)
        g_string_append(name, "tunnel");
    truncate_to(name, MAX_CHARS - strlen(suffix), MAX_BYTES - strlen(suffix));
    g_strchomp(name->str);
    return g_strconcat(name->str, suffix, NULL);
}
