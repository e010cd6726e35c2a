/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Preloaded into the application: how many widgets there are of each type, and how many objects of our
 * own types, told on SIGUSR1. All are made by one of two functions, whoever asks for them; and what is
 * attached to an object goes when that is finalized. */

#include <dlfcn.h>
#include <glib-object.h>
#include <glib-unix.h>

/* type's name -> guint*; objects are made by one thread, but may end in another */
static GHashTable *counts;
static GMutex mutex;

static void
on_end(gpointer count)
{
    g_mutex_lock(&mutex);
    --*(guint *)count;
    g_mutex_unlock(&mutex);
}

static gpointer
count(gpointer object)
{
    const char *name = G_OBJECT_TYPE_NAME(object);
    GType widget = g_type_from_name("GtkWidget");
    guint *number;

    if (!g_str_has_prefix(name, "Wgw") && !(widget && g_type_is_a(G_OBJECT_TYPE(object), widget)))
        return object;
    g_mutex_lock(&mutex);
    if (!counts)
        counts = g_hash_table_new(g_str_hash, g_str_equal);
    number = g_hash_table_lookup(counts, name);
    if (!number) {
        number = g_new0(guint, 1);
        g_hash_table_insert(counts, g_strdup(name), number);
    }
    ++*number;
    g_mutex_unlock(&mutex);
    g_object_set_data_full(object, "wgw-census", number, on_end);
    return object;
}

gpointer
g_object_new(GType type, const char *first, ...)
{
    gpointer object;
    va_list arguments;

    va_start(arguments, first);
    object = g_object_new_valist(type, first, arguments);
    va_end(arguments);
    return count(object);
}

GObject *
g_object_new_with_properties(GType type, guint n, const char *names[], const GValue values[])
{
    static GObject *(*next)(GType, guint, const char **, const GValue *);

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, __func__);
    return count(next(type, n, names, values));
}

static gboolean
on_signal(gpointer path)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GHashTableIter iter;
    gpointer name, number;

    g_mutex_lock(&mutex);
    g_hash_table_iter_init(&iter, counts);
    while (g_hash_table_iter_next(&iter, &name, &number))
        g_string_append_printf(text, "%s %u\n", (const char *)name, *(guint *)number);
    g_mutex_unlock(&mutex);
    g_file_set_contents(path, text->str, -1, NULL);
    return G_SOURCE_CONTINUE;
}

__attribute__((constructor)) static void
begin(void)
{
    const char *path = g_getenv("WG_WRAP_TEST_CENSUS");

    if (path)
        g_unix_signal_add(SIGUSR1, on_signal, g_strdup(path));
}
