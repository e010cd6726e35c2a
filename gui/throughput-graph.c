/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/throughput-graph.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "gui/format.h"

#define MIN_HEIGHT 104 /* without the margins */
/* A screen reader may read every description aloud, and takes longer for it than a sample does. */
#define DESCRIBE_EVERY (10 * G_USEC_PER_SEC)

struct _WgwThroughputGraph {
    GtkWidget parent_instance;

    WgwTunnel *tunnel;
    guint span;
    float margin;     /* for a line of the axes' labels, above and below */
    gint64 described; /* monotonic */
};

G_DEFINE_FINAL_TYPE(WgwThroughputGraph, wgw_throughput_graph, GTK_TYPE_WIDGET)

enum { PROP_TUNNEL = 1, PROP_SPAN, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

/* The axis ends at 1, 2 or 5 times a power of ten, so that its label is a round number. */
static double
get_axis_end(WgwThroughputGraph *graph)
{
    static const double steps[] = {1, 2, 5, 10};
    double max = 1000;
    double power = 1000;

    for (guint age = 0; age < graph->span; age++) {
        WgwSample sample = wgw_tunnel_get_sample(graph->tunnel, age);

        max = MAX(max, MAX(sample.rx, sample.tx));
    }
    while (power * 10 < max)
        power *= 10;
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (power * steps[i] >= max)
            return power * steps[i];
    return max;
}

static void
trace(WgwThroughputGraph *graph, cairo_t *cr, gboolean tx, float width, float height, double end)
{
    double step = (double)width / (graph->span - 1);
    gboolean rtl = gtk_widget_get_direction(GTK_WIDGET(graph)) == GTK_TEXT_DIR_RTL;

    for (guint age = 0; age < graph->span; age++) {
        WgwSample sample = wgw_tunnel_get_sample(graph->tunnel, age);
        double x = rtl ? age * step : width - age * step;
        double y = graph->margin +
                   (height - 2 * graph->margin - 1) * (1 - (tx ? sample.tx : sample.rx) / end);

        if (age == 0)
            cairo_move_to(cr, x, y);
        else
            cairo_line_to(cr, x, y);
    }
}

static void
draw_series(
    WgwThroughputGraph *graph, cairo_t *cr, gboolean tx, float width, float height, double end)
{
    GdkRGBA color = {0, 0, 0, 1};
    gboolean rtl = gtk_widget_get_direction(GTK_WIDGET(graph)) == GTK_TEXT_DIR_RTL;

    gtk_style_context_lookup_color(gtk_widget_get_style_context(GTK_WIDGET(graph)),
                                   tx ? "throughput_tx" : "throughput_rx", &color);
    trace(graph, cr, tx, width, height, end);
    cairo_line_to(cr, rtl ? width : 0, height - graph->margin);
    cairo_line_to(cr, rtl ? 0 : width, height - graph->margin);
    cairo_close_path(cr);
    cairo_set_source_rgba(cr, color.red, color.green, color.blue, 0.15);
    cairo_fill(cr);

    trace(graph, cr, tx, width, height, end);
    gdk_cairo_set_source_rgba(cr, &color);
    cairo_set_line_width(cr, 2);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    /* Told apart without colour too: sending is dashed. */
    if (tx)
        cairo_set_dash(cr, (const double[]){6, 3}, 2, 0);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

static void
draw_label(GtkWidget *widget,
           GtkSnapshot *snapshot,
           const char *text,
           const GdkRGBA *color,
           gboolean right,
           float y)
{
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    int width;

    pango_layout_get_pixel_size(layout, &width, NULL);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(
        snapshot,
        &GRAPHENE_POINT_INIT(right ? (float)(gtk_widget_get_width(widget) - width) : 0, y));
    gtk_snapshot_append_layout(snapshot, layout, color);
    gtk_snapshot_restore(snapshot);
}

static void
wgw_throughput_graph_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    WgwThroughputGraph *graph = WGW_THROUGHPUT_GRAPH(widget);
    float width = (float)gtk_widget_get_width(widget);
    float height = (float)gtk_widget_get_height(widget);
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    g_autofree char *rate = NULL;
    g_autofree char *begin = NULL;
    GdkRGBA foreground;
    double end;
    cairo_t *cr;

    if (!graph->tunnel || width < 2 || height <= 2 * graph->margin)
        return;
    end = get_axis_end(graph);
    gtk_style_context_get_color(gtk_widget_get_style_context(widget), &foreground);

    cr = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, width, height));
    cairo_set_source_rgba(cr, foreground.red, foreground.green, foreground.blue, 0.2);
    cairo_set_line_width(cr, 1);
    for (int line = 0; line <= 2; line++) {
        double y = graph->margin + (height - 2 * graph->margin - 1) * line / 2.0 + 0.5;

        cairo_move_to(cr, 0, y);
        cairo_line_to(cr, width, y);
    }
    cairo_stroke(cr);
    draw_series(graph, cr, FALSE, width, height, end);
    draw_series(graph, cr, TRUE, width, height, end);
    cairo_destroy(cr);

    rate = wgw_format_rate(end);
    begin = g_strdup_printf(ngettext("%u minute ago", "%u minutes ago", graph->span / 60),
                            graph->span / 60);
    foreground.alpha *= 0.7f;
    draw_label(widget, snapshot, rate, &foreground, rtl, 0);
    draw_label(widget, snapshot, begin, &foreground, rtl, height - graph->margin);
    draw_label(widget, snapshot, _("now"), &foreground, !rtl, height - graph->margin);
}

static void
wgw_throughput_graph_measure(GtkWidget *widget,
                             GtkOrientation orientation,
                             int for_size,
                             int *minimum,
                             int *natural,
                             int *minimum_baseline,
                             int *natural_baseline)
{
    WgwThroughputGraph *graph = WGW_THROUGHPUT_GRAPH(widget);
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, "0");
    int height;

    pango_layout_get_pixel_size(layout, NULL, &height);
    graph->margin = (float)height + 1;
    *minimum = *natural =
        orientation == GTK_ORIENTATION_VERTICAL ? MIN_HEIGHT + 2 * (height + 1) : 0;
    *minimum_baseline = *natural_baseline = -1;
}

/* What the picture shows, for those who do not see it. */
static void
describe(WgwThroughputGraph *graph)
{
    WgwSample now = wgw_tunnel_get_sample(graph->tunnel, 0);
    g_autofree char *rx = wgw_format_rate(now.rx);
    g_autofree char *tx = wgw_format_rate(now.tx);
    WgwSample most = {0};
    g_autofree char *most_rx = NULL;
    g_autofree char *most_tx = NULL;
    g_autofree char *text = NULL;

    for (guint age = 0; age < graph->span; age++) {
        WgwSample sample = wgw_tunnel_get_sample(graph->tunnel, age);

        most.rx = MAX(most.rx, sample.rx);
        most.tx = MAX(most.tx, sample.tx);
    }
    most_rx = wgw_format_rate(most.rx);
    most_tx = wgw_format_rate(most.tx);
    text = g_strdup_printf(_("Receiving %s, sending %s. At most, in the time shown: %s and %s."),
                           rx, tx, most_rx, most_tx);

    gtk_accessible_update_property(GTK_ACCESSIBLE(graph), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                   -1);
    graph->described = g_get_monotonic_time();
}

static void
on_sampled(WgwTunnel *tunnel, WgwThroughputGraph *graph)
{
    if (g_get_monotonic_time() - graph->described >= DESCRIBE_EVERY)
        describe(graph);
    gtk_widget_queue_draw(GTK_WIDGET(graph));
}

static void
set_tunnel(WgwThroughputGraph *graph, WgwTunnel *tunnel)
{
    if (graph->tunnel == tunnel)
        return;
    if (graph->tunnel)
        g_signal_handlers_disconnect_by_func(graph->tunnel, on_sampled, graph);
    g_set_object(&graph->tunnel, tunnel);
    if (tunnel) {
        g_signal_connect_object(tunnel, "sampled", G_CALLBACK(on_sampled), graph, 0);
        describe(graph);
    }
    gtk_widget_queue_draw(GTK_WIDGET(graph));
}

static void
wgw_throughput_graph_dispose(GObject *object)
{
    set_tunnel(WGW_THROUGHPUT_GRAPH(object), NULL);
    G_OBJECT_CLASS(wgw_throughput_graph_parent_class)->dispose(object);
}

static void
wgw_throughput_graph_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    WgwThroughputGraph *graph = WGW_THROUGHPUT_GRAPH(object);

    switch (id) {
    case PROP_TUNNEL:
        g_value_set_object(value, graph->tunnel);
        break;
    case PROP_SPAN:
        g_value_set_uint(value, graph->span);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_throughput_graph_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    WgwThroughputGraph *graph = WGW_THROUGHPUT_GRAPH(object);

    switch (id) {
    case PROP_TUNNEL:
        set_tunnel(graph, g_value_get_object(value));
        break;
    case PROP_SPAN:
        graph->span = g_value_get_uint(value);
        if (graph->tunnel)
            describe(graph);
        gtk_widget_queue_draw(GTK_WIDGET(graph));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_throughput_graph_class_init(WgwThroughputGraphClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

    object_class->dispose = wgw_throughput_graph_dispose;
    object_class->get_property = wgw_throughput_graph_get_property;
    object_class->set_property = wgw_throughput_graph_set_property;
    widget_class->snapshot = wgw_throughput_graph_snapshot;
    widget_class->measure = wgw_throughput_graph_measure;

    properties[PROP_TUNNEL] = g_param_spec_object("tunnel", NULL, NULL, WGW_TYPE_TUNNEL, flags);
    properties[PROP_SPAN] =
        g_param_spec_uint("span", NULL, NULL, 60, WGW_HISTORY_LENGTH, 60, flags);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
    gtk_widget_class_set_css_name(widget_class, "throughput-graph");
}

static void
wgw_throughput_graph_init(WgwThroughputGraph *graph)
{
    graph->span = 60;
    /* So that a screen reader comes upon its description. */
    gtk_widget_set_focusable(GTK_WIDGET(graph), TRUE);
    gtk_accessible_update_property(GTK_ACCESSIBLE(graph), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   _("Throughput"), -1);
}
