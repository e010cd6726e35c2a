/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/secret.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbus/error.h"

struct _WgwSecret {
    char *text; /* sodium_malloc */
    gsize len;
    gsize size; /* of text, at least len + 1 */
};

/* Guarded memory comes in whole pages, so nothing smaller is worth asking for. */
#define MIN_SIZE 4096

static char *
guarded_new(gsize size)
{
    char *memory = sodium_init() < 0 ? NULL : sodium_malloc(size);

    if (!memory)
        g_error("no memory for %zu guarded bytes", size);
    return memory;
}

static WgwSecret *
secret_sized(gsize size)
{
    WgwSecret *secret = g_new0(WgwSecret, 1);

    secret->size = MAX(size, MIN_SIZE);
    secret->text = guarded_new(secret->size);
    secret->text[0] = '\0';
    return secret;
}

/* Make room for more bytes and the NUL. */
static void
secret_reserve(WgwSecret *secret, gsize more)
{
    gsize needed;
    char *text;

    if (!g_size_checked_add(&needed, secret->len, more) ||
        !g_size_checked_add(&needed, needed, 1) || needed > G_MAXSIZE / 2)
        g_error("a secret of more than %zu bytes", G_MAXSIZE / 2);
    if (needed <= secret->size)
        return;
    secret->size = MAX(needed, secret->size * 2);
    text = guarded_new(secret->size);
    memcpy(text, secret->text, secret->len + 1);
    sodium_free(secret->text); /* wipes */
    secret->text = text;
}

WgwSecret *
wgw_secret_new(const char *text, gssize len)
{
    gsize n = len < 0 ? strlen(text) : (gsize)len;
    WgwSecret *secret = secret_sized(n + 1);

    wgw_secret_append(secret, text, n);
    return secret;
}

WgwSecret *
wgw_secret_read(int fd, gsize limit, GError **error)
{
    g_autoptr(WgwSecret) secret = NULL;
    struct stat st;

    if (fstat(fd, &st) < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("Cannot read the file: %s."),
                    g_strerror(errno));
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        g_set_error_literal(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                            _("This is no regular file. Save the configuration as a file first."));
        return NULL;
    }
    /* One byte more than the limit tells a file that is too long, also one that grows meanwhile. */
    secret = secret_sized(MIN((gsize)st.st_size, limit) + 2);
    for (;;) {
        ssize_t n;

        secret_reserve(secret, 1);
        n = pread(fd, secret->text + secret->len, secret->size - secret->len - 1, secret->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("Cannot read the file: %s."),
                        g_strerror(errno));
            return NULL;
        }
        secret->len += n;
        secret->text[secret->len] = '\0';
        if (secret->len > limit) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("The file is larger than %zu bytes. It is hardly a configuration."),
                        limit);
            return NULL;
        }
        if (n == 0)
            return g_steal_pointer(&secret);
    }
}

void
wgw_secret_free(WgwSecret *secret)
{
    if (!secret)
        return;
    sodium_free(secret->text);
    g_free(secret);
}

const char *
wgw_secret_get_text(const WgwSecret *secret)
{
    return secret->text;
}

gsize
wgw_secret_get_length(const WgwSecret *secret)
{
    return secret->len;
}

void
wgw_secret_append(WgwSecret *secret, const char *text, gssize len)
{
    gsize n = len < 0 ? strlen(text) : (gsize)len;

    secret_reserve(secret, n);
    memcpy(secret->text + secret->len, text, n);
    secret->len += n;
    secret->text[secret->len] = '\0';
}

void
wgw_secret_append_hex(WgwSecret *secret, const guint8 *bytes, gsize len)
{
    secret_reserve(secret, 2 * len);
    sodium_bin2hex(secret->text + secret->len, 2 * len + 1, bytes, len);
    secret->len += 2 * len;
}

void
wgw_secret_append_printf(WgwSecret *secret, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    wgw_secret_append(secret, text, -1);
}
