/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/qr-code.h"

#include <qrencode.h>
#include <string.h>

#define QUIET_ZONE 4 /* modules on each side */
#define NATURAL    320

struct _WgwQrCode {
    GtkWidget parent_instance;

    QRcode *symbol; /* NULL: nothing to draw */
};

G_DEFINE_FINAL_TYPE(WgwQrCode, wgw_qr_code, GTK_TYPE_WIDGET)

static int
get_modules(WgwQrCode *code)
{
    return code->symbol ? code->symbol->width + 2 * QUIET_ZONE : 0;
}

static void
clear_symbol(WgwQrCode *code)
{
    if (!code->symbol)
        return;
    explicit_bzero(code->symbol->data, (gsize)code->symbol->width * (gsize)code->symbol->width);
    g_clear_pointer(&code->symbol, QRcode_free);
}

static void
wgw_qr_code_measure(GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
    *minimum = get_modules(WGW_QR_CODE(widget));
    *natural = MAX(*minimum, NATURAL);
}

static void
wgw_qr_code_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    WgwQrCode *code = WGW_QR_CODE(widget);
    int modules = get_modules(code);
    int width = gtk_widget_get_width(widget);
    int height = gtk_widget_get_height(widget);
    int module, side, x0, y0;
    cairo_t *cr;

    if (modules == 0 || MIN(width, height) < modules)
        return;
    module = MIN(width, height) / modules;
    side = module * modules;
    x0 = (width - side) / 2;
    y0 = (height - side) / 2;
    cr = gtk_snapshot_append_cairo(
        snapshot, &GRAPHENE_RECT_INIT((float)x0, (float)y0, (float)side, (float)side));
    cairo_translate(cr, x0, y0);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);

    cairo_scale(cr, module, module);
    for (int y = 0; y < code->symbol->width; y++)
        for (int x = 0; x < code->symbol->width; x++)
            if (code->symbol->data[y * code->symbol->width + x] & 1)
                cairo_rectangle(cr, x + QUIET_ZONE, y + QUIET_ZONE, 1, 1);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_fill(cr);
    cairo_destroy(cr);
}

static void
wgw_qr_code_finalize(GObject *object)
{
    clear_symbol(WGW_QR_CODE(object));
    G_OBJECT_CLASS(wgw_qr_code_parent_class)->finalize(object);
}

static void
wgw_qr_code_class_init(WgwQrCodeClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->finalize = wgw_qr_code_finalize;
    widget_class->measure = wgw_qr_code_measure;
    widget_class->snapshot = wgw_qr_code_snapshot;
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
wgw_qr_code_init(WgwQrCode *code)
{
}

gboolean
wgw_qr_code_set_text(WgwQrCode *code, const char *text)
{
    g_return_val_if_fail(WGW_IS_QR_CODE(code), FALSE);

    clear_symbol(code);
    /* The least correction: a screen has no stains, and fewer modules are larger ones. */
    code->symbol = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    gtk_widget_queue_resize(GTK_WIDGET(code));
    return code->symbol != NULL;
}
