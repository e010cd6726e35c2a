/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/row-name.h"

void
wgw_row_name(GtkListItem *item, const char *name, const char *description)
{
    GtkWidget *child = gtk_list_item_get_child(item);
    GtkWidget *row = child ? gtk_widget_get_parent(child) : NULL;

    if (row && name)
        gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       description ? description : "", -1);
}
