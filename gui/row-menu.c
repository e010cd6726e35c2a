/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/row-menu.h"

#include <glib/gi18n.h>

#include "gui/tunnel.h"

/* The list's child that has @widget in it; NULL: none has. */
static GtkWidget *
find_row(GtkWidget *list, GtkWidget *widget)
{
    while (widget && gtk_widget_get_parent(widget) != list)
        widget = gtk_widget_get_parent(widget);
    return widget;
}

static GMenuModel *
new_menu(WgwTunnel *tunnel, GMenuModel *common)
{
    g_autoptr(GMenu) toggle = g_menu_new();
    GMenu *menu = g_menu_new();

    if (wgw_tunnel_get_active(tunnel))
        g_menu_append(toggle, _("Disconnec_t"), "win.toggle");
    else if (wgw_tunnel_get_state(tunnel) != WGW_TUNNEL_INVALID)
        g_menu_append(toggle, _("C_onnect"), "win.toggle");
    g_menu_append_section(menu, NULL, G_MENU_MODEL(toggle));
    g_menu_append_section(menu, NULL, common);
    return G_MENU_MODEL(menu);
}

/* Its action comes after it has closed. */
static gboolean
on_idle(gpointer popover)
{
    gtk_widget_unparent(popover);
    return G_SOURCE_REMOVE;
}

static void
on_closed(GtkPopover *popover, GtkWidget *list)
{
    gtk_widget_grab_focus(list);
    g_idle_add_full(G_PRIORITY_LOW, on_idle, g_object_ref(popover), g_object_unref);
}

/* @x and @y are in the row. */
static gboolean
pop_up(GtkWidget *row, double x, double y, GMenuModel *common)
{
    GtkListView *list = GTK_LIST_VIEW(gtk_widget_get_parent(row));
    /* A list places its children itself, and knows rows alone. */
    GtkWidget *place = gtk_widget_get_ancestor(GTK_WIDGET(list), GTK_TYPE_BOX);
    g_autoptr(GMenuModel) menu = NULL;
    WgwTunnel *tunnel;
    GtkWidget *popover;
    double at_x, at_y;

    gtk_widget_activate_action(row, "listitem.select", "(bb)", FALSE, FALSE);
    tunnel =
        gtk_single_selection_get_selected_item(GTK_SINGLE_SELECTION(gtk_list_view_get_model(list)));
    if (!tunnel || !gtk_widget_translate_coordinates(row, place, x, y, &at_x, &at_y))
        return FALSE;
    menu = new_menu(tunnel, common);
    popover = gtk_popover_menu_new_from_model(menu);
    gtk_widget_set_parent(popover, place);
    gtk_widget_set_halign(popover, GTK_ALIGN_START);
    gtk_popover_set_has_arrow(GTK_POPOVER(popover), FALSE);
    gtk_popover_set_pointing_to(GTK_POPOVER(popover), &(GdkRectangle){(int)at_x, (int)at_y, 1, 1});
    g_signal_connect_object(popover, "closed", G_CALLBACK(on_closed), list, 0);
    gtk_popover_popup(GTK_POPOVER(popover));
    return TRUE;
}

static void
pop_up_at(GtkWidget *list, double x, double y, GMenuModel *common)
{
    GtkWidget *row = find_row(list, gtk_widget_pick(list, x, y, GTK_PICK_DEFAULT));
    double row_x, row_y;

    if (row && gtk_widget_translate_coordinates(list, row, x, y, &row_x, &row_y))
        pop_up(row, row_x, row_y, common);
}

static void
on_pressed(GtkGestureClick *click, int n_press, double x, double y, GMenuModel *common)
{
    gtk_gesture_set_state(GTK_GESTURE(click), GTK_EVENT_SEQUENCE_CLAIMED);
    pop_up_at(gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(click)), x, y, common);
}

static void
on_long_press(GtkGestureLongPress *press, double x, double y, GMenuModel *common)
{
    gtk_gesture_set_state(GTK_GESTURE(press), GTK_EVENT_SEQUENCE_CLAIMED);
    pop_up_at(gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(press)), x, y, common);
}

static gboolean
on_key(GtkWidget *list, GVariant *arguments, gpointer common)
{
    GtkWidget *row = gtk_widget_get_focus_child(list);

    return row && pop_up(row, gtk_widget_get_width(row) / 2.0, gtk_widget_get_height(row), common);
}

void
wgw_row_menu_attach(GtkListView *list, GMenuModel *menu)
{
    GtkGesture *click = gtk_gesture_click_new();
    GtkGesture *press = gtk_gesture_long_press_new();
    GtkEventController *keys = gtk_shortcut_controller_new();
    GtkShortcut *shortcut = gtk_shortcut_new(
        gtk_alternative_trigger_new(gtk_keyval_trigger_new(GDK_KEY_Menu, 0),
                                    gtk_keyval_trigger_new(GDK_KEY_F10, GDK_SHIFT_MASK)),
        gtk_callback_action_new(on_key, g_object_ref(menu), g_object_unref));

    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), GDK_BUTTON_SECONDARY);
    gtk_gesture_single_set_touch_only(GTK_GESTURE_SINGLE(press), TRUE);
    g_signal_connect_object(click, "pressed", G_CALLBACK(on_pressed), menu, 0);
    g_signal_connect_object(press, "pressed", G_CALLBACK(on_long_press), menu, 0);
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys), shortcut);
    gtk_widget_add_controller(GTK_WIDGET(list), GTK_EVENT_CONTROLLER(click));
    gtk_widget_add_controller(GTK_WIDGET(list), GTK_EVENT_CONTROLLER(press));
    gtk_widget_add_controller(GTK_WIDGET(list), keys);
}
