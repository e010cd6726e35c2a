/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <stdlib.h>

#include "launcher/application-private.h"

/*
 * A terminal that asks a copy of itself to open the window would run the program wherever that copy
 * is, outside the tunnel. So the terminals that keep the program as their own child go first, be it
 * with an option to that effect; of those that do not, the name on the bus is told.
 */
typedef struct {
    const char *program;
    const char *arguments[3]; /* before the command */
    const char *bus_name;     /* of the copy that it hands over to, or NULL */
} Terminal;

static const Terminal terminals[] = {
    {"xfce4-terminal", {"--disable-server", "-x"}, NULL},
    {"mate-terminal", {"--disable-factory", "-x"}, NULL},
    {"ptyxis", {"--standalone", "--"}, NULL},
    {"konsole", {"-e"}, NULL},
    {"alacritty", {"-e"}, NULL},
    {"kitty", {"--"}, NULL},
    {"foot", {"--"}, NULL},
    {"urxvt", {"-e"}, NULL},
    {"st", {"-e"}, NULL},
    {"uxterm", {"-e"}, NULL},
    {"xterm", {"-e"}, NULL},
    {"gnome-terminal", {"--wait", "--"}, "org.gnome.Terminal"},
    {"kgx", {"--"}, "org.gnome.Console"},
};

static gboolean
is_installed(const char *program)
{
    g_autofree char *path = g_find_program_in_path(program);

    return path != NULL;
}

/* Which of the terminals Debian's alternative is, or NULL. */
static const Terminal *
find_alternative(void)
{
    g_autofree char *link = g_find_program_in_path("x-terminal-emulator");
    char *path = link ? realpath(link, NULL) : NULL;
    g_autofree char *name = path ? g_path_get_basename(path) : NULL;

    free(path);
    if (name && g_str_has_suffix(name, ".wrapper"))
        *g_strrstr(name, ".wrapper") = '\0';
    for (gsize i = 0; name && i < G_N_ELEMENTS(terminals); i++) {
        if (g_str_equal(name, terminals[i].program) && is_installed(name))
            return &terminals[i];
    }
    return NULL;
}

static const Terminal *
find_terminal(void)
{
    const Terminal *terminal = find_alternative();

    if (terminal && !terminal->bus_name)
        return terminal;
    for (gsize i = 0; i < G_N_ELEMENTS(terminals); i++) {
        if (!terminals[i].bus_name && is_installed(terminals[i].program))
            return &terminals[i];
    }
    for (gsize i = 0; i < G_N_ELEMENTS(terminals) && !terminal; i++) {
        if (is_installed(terminals[i].program))
            terminal = &terminals[i];
    }
    return terminal;
}

char **
wgw_terminal_find(const char **ret_bus_name)
{
    g_autoptr(GStrvBuilder) prefix = g_strv_builder_new();
    const Terminal *terminal = find_terminal();

    *ret_bus_name = NULL;
    if (terminal) {
        g_strv_builder_add(prefix, terminal->program);
        for (gsize i = 0; i < G_N_ELEMENTS(terminal->arguments) && terminal->arguments[i]; i++)
            g_strv_builder_add(prefix, terminal->arguments[i]);
        *ret_bus_name = terminal->bus_name;
    } else if (is_installed("xdg-terminal-exec")) {
        g_strv_builder_add(prefix, "xdg-terminal-exec");
    } else if (is_installed("x-terminal-emulator")) {
        g_strv_builder_add_many(prefix, "x-terminal-emulator", "-e", NULL);
    } else {
        return NULL;
    }
    return g_strv_builder_end(prefix);
}
