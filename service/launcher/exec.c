/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <glib/gi18n.h>
#include <string.h>

#include "dbus/error.h"
#include "launcher/application-private.h"

/*
 * Exec= of the Desktop Entry Specification, section "The Exec key".
 *
 * GIO expands field codes too, but only on its way to starting the program, as a child of the
 * process that asks, and there is no other door; a session's programs are started by its
 * supervisor. What is here is tested against GIO's, value by value.
 *
 * The quoting is undone first and the codes are expanded afterwards, each in the argument that it
 * is in. So nothing in a URI, a file's name or a translation is ever read as a quote or a blank.
 */

typedef struct {
    const WgwApplication *application;
    char **values; /* what stands for %u and %U; files for %f and %F */
    GPtrArray *argv;
    GString *argument; /* the one that is being made */
    gboolean present;  /* it counts even if it is empty */
} Expansion;

/* The codes that take files; what they were before 1.0 and mean nothing now. */
#define FILE_CODES "fFuU"
#define DEPRECATED "dDnNvm"

/* Values are the last file code's, and a code for one is for the first of them. */
char
wgw_exec_takes(const char *exec)
{
    char takes = 0;

    for (const char *p = exec; *p && (p = strchr(p, '%')) && p[1]; p += 2) {
        if (strchr(FILE_CODES, p[1]))
            takes = p[1];
    }
    return takes;
}

static void
end_argument(Expansion *expansion)
{
    if (expansion->argument->len > 0 || expansion->present)
        g_ptr_array_add(expansion->argv, g_strdup(expansion->argument->str));
    g_string_truncate(expansion->argument, 0);
    expansion->present = FALSE;
}

static void
append(Expansion *expansion, const char *text)
{
    g_string_append(expansion->argument, text);
    expansion->present = TRUE;
}

/* FALSE for a code that there is not; the specification has such a line not be run. */
static gboolean
expand_code(Expansion *expansion, char code)
{
    const WgwApplication *application = expansion->application;

    switch (code) {
    case '%':
        append(expansion, "%");
        return TRUE;
    case 'f':
    case 'u':
        if (expansion->values[0])
            append(expansion, expansion->values[0]);
        return TRUE;
    case 'F':
    case 'U':
        for (char **value = expansion->values; *value; value++) {
            if (value != expansion->values)
                end_argument(expansion);
            append(expansion, *value);
        }
        return TRUE;
    case 'i':
        if (application->icon && *application->icon) {
            append(expansion, "--icon");
            end_argument(expansion);
            append(expansion, application->icon);
        }
        return TRUE;
    case 'c':
        append(expansion, application->name);
        return TRUE;
    case 'k':
        append(expansion, application->path);
        return TRUE;
    default:
        return code != '\0' && strchr(DEPRECATED, code);
    }
}

static gboolean
expand_argument(Expansion *expansion, const char *argument)
{
    /* An argument of nothing but codes that stand for nothing is none. */
    expansion->present = *argument == '\0';
    for (const char *p = argument; *p; p++) {
        if (*p != '%')
            g_string_append_c(expansion->argument, *p);
        else if (!expand_code(expansion, *++p))
            return FALSE;
    }
    end_argument(expansion);
    return TRUE;
}

static char **
expand(const WgwApplication *application, char **arguments, char **values)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) argument = g_string_new(NULL);
    Expansion expansion = {application, values, argv, argument, FALSE};

    for (char **word = arguments; *word; word++) {
        if (!expand_argument(&expansion, *word))
            return NULL;
    }
    if (argv->len == 0)
        return NULL;
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_steal(argv, NULL);
}

/* The path of a file of this machine, or NULL. */
static char *
path_of_uri(const char *uri)
{
    g_autofree char *host = NULL;
    g_autofree char *path = g_filename_from_uri(uri, &host, NULL);

    return path && (!host || !*host || g_ascii_strcasecmp(host, "localhost") == 0)
               ? g_steal_pointer(&path)
               : NULL;
}

/* What a URI is to the program. %u and %U may be either, says the specification; GIO gives paths
 * where it can, unless the entry asks for URIs, and that is what programs are used to. What has no
 * code for files is given them as %f would be. NULL with an error if it is of no use. */
static char *
dup_value(const WgwApplication *application, char takes, const char *uri, GError **error)
{
    gboolean only_files = takes == 'f' || takes == 'F';
    gboolean only_uris =
        (takes == 'u' || takes == 'U') &&
        g_key_file_get_boolean(application->entry, G_KEY_FILE_DESKTOP_GROUP, "X-GIO-NoFuse", NULL);
    g_autofree char *path = only_uris ? NULL : path_of_uri(uri);

    if (!g_uri_peek_scheme(uri)) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("\"%s\" is no URI. Write a file as file:///…."), uri);
        return NULL;
    }
    if (!path && only_files) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("%s opens only files of this machine, and %s is none."), application->name,
                    uri);
        return NULL;
    }
    return path ? g_steal_pointer(&path) : g_strdup(uri);
}

static char **
dup_values(const WgwApplication *application, char takes, const char *const *uris, GError **error)
{
    g_autoptr(GStrvBuilder) values = g_strv_builder_new();

    for (; uris && *uris; uris++) {
        g_autofree char *value = dup_value(application, takes, *uris, error);

        if (!value)
            return NULL;
        g_strv_builder_add(values, value);
    }
    return g_strv_builder_end(values);
}

/* Undo the quoting. NULL if it is malformed, or if there is nothing to run. */
static char **
split(const char *exec, char takes, gboolean with_values)
{
    g_autofree char *line = takes || !with_values ? g_strdup(exec) : g_strconcat(exec, " %f", NULL);
    g_auto(GStrv) arguments = NULL;

    if (!g_shell_parse_argv(line, NULL, &arguments, NULL) || *arguments[0] == '\0')
        return NULL;
    return g_steal_pointer(&arguments);
}

GPtrArray *
wgw_exec_expand(const WgwApplication *application,
                const char *exec,
                const char *const *uris,
                GError **error)
{
    g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    char takes = wgw_exec_takes(exec);
    g_auto(GStrv) values = dup_values(application, takes, uris, error);
    g_auto(GStrv) arguments = NULL;
    char **value = values;

    if (!values)
        return NULL;
    arguments = split(exec, takes, *values != NULL);
    do {
        char *one[] = {*value, NULL};
        gboolean all = takes == 'F' || takes == 'U';
        char **argv = arguments ? expand(application, arguments, all ? values : one) : NULL;

        if (!argv) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_SPAWN_FAILED,
                        _("The desktop entry of %s says in no way that can be read how it is run: "
                          "Exec=%s"),
                        application->name, exec);
            return NULL;
        }
        g_ptr_array_add(commands, argv);
        if (all || !*value)
            break;
        value++;
    } while (*value);
    return g_steal_pointer(&commands);
}

void
wgw_exec_append_quoted(GString *exec, const char *argument)
{
    g_string_append(exec, exec->len > 0 ? " \"" : "\"");
    for (const char *p = argument; *p; p++) {
        if (strchr("\"`$\\", *p))
            g_string_append_c(exec, '\\');
        if (*p == '%')
            g_string_append_c(exec, '%');
        g_string_append_c(exec, *p);
    }
    g_string_append_c(exec, '"');
}
