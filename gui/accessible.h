/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* wgw_accessible_mend - what GTK 4.8 and libadwaita 1.2 tell assistive technology of each widget that is
 * shown from now on: a button's label once and without the mnemonic's underscore, and a row's subtitle. */
void wgw_accessible_mend(void);

/* wgw_accessible_name_button - in place of its label, for those who do not see where it is. To be called
 * again with each label. */
void wgw_accessible_name_button(GtkButton *button, const char *name);
