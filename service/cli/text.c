/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "cli/text.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/format.h"
#include "dbus/error.h"

#define SIZE_MAX_BYTES (1024 * 1024)

static void
set_error_errno(GError **error, const char *name, int saved_errno)
{
    g_autofree char *shown = g_filename_display_name(name);

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved_errno), "%s: %s", shown,
                g_strerror(saved_errno));
}

void
wgw_text_free(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    g_free(text);
}

char *
wgw_text_read(const char *file, GError **error)
{
    WGW_AUTOCLOSE int opened = -1;
    g_autoptr(WgwText) text = NULL;
    const char *end;
    gsize length = 0;
    int fd = STDIN_FILENO;

    if (strcmp(file, "-") != 0) {
        opened = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        fd = opened;
    }
    /* One byte more than is allowed, to notice it, and the terminator. */
    text = g_malloc0(SIZE_MAX_BYTES + 2);
    while (length <= SIZE_MAX_BYTES) {
        ssize_t n = fd < 0 ? -1 : read(fd, text + length, SIZE_MAX_BYTES + 1 - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            set_error_errno(error, file, errno);
            return NULL;
        }
        if (n == 0)
            break;
        length += n;
    }
    if (length > SIZE_MAX_BYTES) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                    _("%s is larger than 1 MiB; that is no WireGuard configuration."), file);
        return NULL;
    }
    if (memcmp(text, "PK\3\4", 4) == 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                    _("%s is a zip archive. Unpack it, and name the files in it."), file);
        return NULL;
    }
    if (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0) {
        g_set_error(
            error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
            _("%s is UTF-16 text. Save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8"),
            file);
        return NULL;
    }
    if (!g_utf8_validate_len(text, length, &end)) {
        guint line = 1;

        for (const char *c = text; c < end; c++)
            line += *c == '\n';
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                    _("%s:%u:1: This is not UTF-8 text."), file, line);
        return NULL;
    }
    return g_steal_pointer(&text);
}

int
wgw_text_memfd(const char *text, GError **error)
{
    WGW_AUTOCLOSE int fd = memfd_create("wg-wrap-config", MFD_CLOEXEC);
    int r = fd < 0 ? -errno : wgw_fd_write_all(fd, text, strlen(text));

    if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
        r = -errno;
    if (r < 0) {
        set_error_errno(error, "memfd", -r);
        return -1;
    }
    return wgw_fd_steal(&fd);
}

gboolean
wgw_text_write_new(const char *path, const char *text, GError **error)
{
    WGW_AUTOCLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : wgw_fd_write_all(fd, text, strlen(text));

    if (r == 0)
        return TRUE;
    set_error_errno(error, path, -r);
    if (fd >= 0)
        unlink(path);
    return FALSE;
}

gboolean
wgw_text_print_problems(GVariant *problems, const char *file)
{
    gboolean any_error = FALSE;
    GVariantIter iter;
    guint32 line;
    guint32 column;
    const char *severity;
    const char *message;

    g_variant_iter_init(&iter, problems);
    while (g_variant_iter_next(&iter, "(uu&s&s&s)", &line, &column, &severity, NULL, &message)) {
        g_autofree char *text =
            g_strdup_printf("%s:%u:%u: %s: %s", file, line, column,
                            strcmp(severity, "error") == 0 ? _("error") : _("warning"), message);
        g_autofree char *shown = wgw_format_line(text);

        fprintf(stderr, "%s\n", shown);
        any_error |= strcmp(severity, "error") == 0;
    }
    return any_error;
}
