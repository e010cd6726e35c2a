/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* A text as a QR code (ISO/IEC 18004), as large as there is room for: black on white whatever the
 * style, with the margin that the standard wants, and modules of whole pixels, so that a camera sees
 * sharp edges. */
#define WGW_TYPE_QR_CODE (wgw_qr_code_get_type())
G_DECLARE_FINAL_TYPE(WgwQrCode, wgw_qr_code, WGW, QR_CODE, GtkWidget)

/* The longest text, in bytes. */
#define WGW_QR_CODE_MAX 2953

/* wgw_qr_code_set_text - FALSE: it is too long, and nothing is drawn. The widget keeps no copy of
 * the text; what it draws is wiped when it goes. */
gboolean wgw_qr_code_set_text(WgwQrCode *code, const char *text);
