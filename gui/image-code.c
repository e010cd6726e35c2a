/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/image-code.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n.h>
#include <string.h>
#include <zbar.h>

#include "gui/profile-text.h"

/* A phone's photograph has 12 to 50 million. */
#define PIXELS_MAX 50000000

typedef zbar_image_scanner_t Scanner;
typedef zbar_image_t Plane;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scanner, zbar_image_scanner_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plane, zbar_image_destroy)

/* By what it begins with, not by its name; and no other loader, of which there may be many, sees it. */
static const char *
get_type(const char *bytes, gsize size)
{
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    if (size >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return "image/webp";
    return NULL;
}

gboolean
wgw_image_code_is(const char *bytes, gsize size)
{
    return get_type(bytes, size) != NULL;
}

/* Before there is room for its pixels. A size of nothing is an error to every loader. */
static void
on_size(GdkPixbufLoader *loader, int width, int height, gboolean *ret_too_large)
{
    *ret_too_large = (gint64)width * height > PIXELS_MAX;
    if (*ret_too_large)
        gdk_pixbuf_loader_set_size(loader, 0, 0);
}

/* (transfer full) */
static GdkPixbuf *
load(const char *bytes, gsize size, GError **error)
{
    gboolean too_large = FALSE;
    g_autoptr(GdkPixbufLoader) loader =
        gdk_pixbuf_loader_new_with_mime_type(get_type(bytes, size), error);
    GdkPixbuf *pixbuf;

    if (!loader)
        return NULL;
    g_signal_connect(loader, "size-prepared", G_CALLBACK(on_size), &too_large);
    if (!gdk_pixbuf_loader_write(loader, (const guchar *)bytes, size, error)) {
        gdk_pixbuf_loader_close(loader, NULL);
    } else if (gdk_pixbuf_loader_close(loader, error)) {
        pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
        if (pixbuf)
            return g_object_ref(pixbuf);
    }
    if (too_large) {
        g_clear_error(error);
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, _("This picture is too large."));
    }
    return NULL;
}

/* Y800: a byte a pixel. What one can look through is as if on white paper. (transfer full) */
static guint8 *
dup_grey(GdkPixbuf *pixbuf)
{
    const gsize width = (gsize)gdk_pixbuf_get_width(pixbuf);
    const gsize height = (gsize)gdk_pixbuf_get_height(pixbuf);
    const gsize step = (gsize)gdk_pixbuf_get_n_channels(pixbuf);
    const gsize stride = (gsize)gdk_pixbuf_get_rowstride(pixbuf);
    const guint8 *pixels = gdk_pixbuf_read_pixels(pixbuf);
    const gboolean has_alpha = gdk_pixbuf_get_has_alpha(pixbuf);
    guint8 *grey = g_malloc(width * height);

    for (gsize y = 0; y < height; y++)
        for (gsize x = 0; x < width; x++) {
            const guint8 *p = pixels + y * stride + x * step;
            guint value = (77U * p[0] + 150U * p[1] + 29U * p[2]) / 256;

            if (has_alpha)
                value = (value * p[3] + 255U * (255U - p[3])) / 255;
            grey[y * width + x] = (guint8)value;
        }
    return grey;
}

/* The number of codes. */
static guint
scan(const char *label, GdkPixbuf *pixbuf, GPtrArray *texts)
{
    g_autoptr(Scanner) scanner = zbar_image_scanner_create();
    g_autoptr(Plane) plane = zbar_image_create();
    const unsigned int width = (unsigned int)gdk_pixbuf_get_width(pixbuf);
    const unsigned int height = (unsigned int)gdk_pixbuf_get_height(pixbuf);
    g_autofree guint8 *grey = dup_grey(pixbuf);
    guint n = 0;

    /* No other kind of code, and light on dark, too: a picture of a dark window. */
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_TEST_INVERTED, 1);
    zbar_image_set_format(plane, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(plane, width, height);
    zbar_image_set_data(plane, grey, (unsigned long)width * height, NULL);
    zbar_scan_image(scanner, plane);
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(plane); symbol;
         symbol = zbar_symbol_next(symbol)) {
        const char *data = zbar_symbol_get_data(symbol);
        gsize length = zbar_symbol_get_data_length(symbol);

        g_ptr_array_add(texts, wgw_profile_text_new(label, label, data, length));
        /* Nobody reads it again: the symbol goes with the plane. */
        explicit_bzero((char *)data, length);
        n++;
    }
    return n;
}

void
wgw_image_code_read(const char *label, const char *bytes, gsize size, GPtrArray *texts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GdkPixbuf) pixbuf = load(bytes, size, &error);

    if (!pixbuf)
        g_ptr_array_add(texts,
                        wgw_profile_text_new_problem(
                            label, g_strdup(error ? error->message
                                                  : _("This is no picture that can be read."))));
    else if (scan(label, pixbuf, texts) == 0)
        g_ptr_array_add(texts,
                        wgw_profile_text_new_problem(
                            label, g_strdup(_("No QR code was found in this picture. It has to be "
                                              "sharp, and all of the code in it."))));
}
