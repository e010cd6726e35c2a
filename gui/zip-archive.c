/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* What an archive says of itself is not believed: a member is unpacked up to the largest profile and no further,
 * whatever its size is said to be, all members together up to a limit, and nothing that is no profile at all.
 * Members are found by the archive's directory, so that what is passed over is not unpacked either. Nothing
 * is written anywhere, so a member's path matters only as a name. */

#include "gui/zip-archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gi18n.h>
#include <string.h>

#include "gui/profile-text.h"

#define MEMBERS_MAX  5000
#define UNPACKED_MAX (64 * 1024 * 1024)

gboolean
wgw_zip_archive_is(const char *bytes, gsize size)
{
    /* The first member. */
    return size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
}

static void
add_problem(GPtrArray *texts, const char *label, char *problem)
{
    g_ptr_array_add(texts, wgw_profile_text_new_problem(label, problem));
}

/* Up to one byte more than a profile has; -1: @archive has an error. */
static gssize
unpack(struct archive *archive, char *bytes, GCancellable *cancellable)
{
    gsize size = 0;

    while (size <= WGW_PROFILE_TEXT_MAX && !g_cancellable_is_cancelled(cancellable)) {
        gssize n = archive_read_data(archive, bytes + size, WGW_PROFILE_TEXT_MAX + 1 - size);

        if (n < 0)
            return -1;
        if (n == 0)
            break;
        size += (gsize)n;
    }
    return (gssize)size;
}

/* The bytes that it took. @bytes is room for one. */
static gsize
read_member(struct archive *archive,
            struct archive_entry *entry,
            const char *label,
            const char *name,
            char *bytes,
            GCancellable *cancellable,
            GPtrArray *texts)
{
    gssize size;

    if (archive_entry_is_encrypted(entry)) {
        add_problem(
            texts, label,
            g_strdup(_("This is encrypted. Unpack the archive with its password, and import "
                       "what was in it.")));
        return 0;
    }
    size = unpack(archive, bytes, cancellable);
    if (size < 0) {
        /* Translators: what a library says of the damage, in English */
        add_problem(texts, label,
                    g_strdup_printf(_("This is damaged: %s"), archive_error_string(archive)));
        return 0;
    }
    if (!g_cancellable_is_cancelled(cancellable))
        g_ptr_array_add(texts, wgw_profile_text_new(label, name, bytes, (gsize)size));
    explicit_bzero(bytes, (gsize)size);
    return (gsize)size;
}

/* The member's name without its folders; NULL: it is no profile. (transfer full) */
static char *
dup_name(struct archive_entry *entry)
{
    const char *path = archive_entry_pathname_utf8(entry);
    g_autofree char *valid = NULL;
    g_autofree char *name = NULL;

    /* In no encoding that is known here. */
    if (!path)
        path = archive_entry_pathname(entry);
    if (!path || archive_entry_filetype(entry) != AE_IFREG)
        return NULL;
    valid = g_utf8_make_valid(path, -1);
    name = g_path_get_basename(valid);
    if (*name == '.' || strlen(name) < strlen(".conf") ||
        g_ascii_strcasecmp(name + strlen(name) - strlen(".conf"), ".conf") != 0)
        return NULL;
    return g_steal_pointer(&name);
}

static void
read_members(struct archive *archive,
             const char *label,
             GCancellable *cancellable,
             GPtrArray *texts)
{
    g_autofree char *bytes = g_malloc(WGW_PROFILE_TEXT_MAX + 1);
    struct archive_entry *entry;
    guint n_members = 0;
    gsize unpacked = 0;
    int status;

    while (!g_cancellable_is_cancelled(cancellable)) {
        g_autofree char *name = NULL;
        g_autofree char *member = NULL;

        status = archive_read_next_header(archive, &entry);
        if (status == ARCHIVE_EOF)
            break;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            add_problem(texts, label,
                        g_strdup_printf(_("This is damaged: %s"), archive_error_string(archive)));
            return;
        }
        name = dup_name(entry);
        if (!name)
            continue;
        if (n_members++ == MEMBERS_MAX || unpacked > UNPACKED_MAX) {
            add_problem(texts, label,
                        g_strdup(_("There is too much in it. The rest was left out.")));
            return;
        }
        member = g_strdup_printf("%s: %s", label, name);
        unpacked += read_member(archive, entry, member, name, bytes, cancellable, texts);
    }
    if (n_members == 0)
        add_problem(texts, label,
                    g_strdup(_("There is no profile (a file named *.conf) in this archive.")));
}

void
wgw_zip_archive_read(
    const char *label, const char *bytes, gsize size, GCancellable *cancellable, GPtrArray *texts)
{
    struct archive *archive = archive_read_new();

    if (archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK &&
        archive_read_open_memory(archive, bytes, size) == ARCHIVE_OK)
        read_members(archive, label, cancellable, texts);
    else
        add_problem(texts, label,
                    g_strdup_printf(_("This is damaged: %s"), archive_error_string(archive)));
    archive_read_free(archive);
}
