/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/hyphens.h"

void
wgw_forbid_hyphens(GtkWidget *widget)
{
    if (GTK_IS_LABEL(widget)) {
        g_autoptr(PangoAttrList) attributes = pango_attr_list_new();

        pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
        gtk_label_set_attributes(GTK_LABEL(widget), attributes);
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        wgw_forbid_hyphens(child);
}
