/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/problem-list.h"

#include <glib/gi18n.h>

/* Rows are widgets; nobody reads more of them. */
#define MAX_ROWS 50

/* Of the mark's category, and the name of the tag. */
#define ERROR   "error"
#define WARNING "warning"

struct _WgwProblemList {
    AdwBin parent_instance;

    GtkSourceView *view;
    GVariant *problems; /* a(uusss), NULL: not yet known */

    GtkImage *icon;
    GtkLabel *summary;
    GtkWidget *scroller;
    GtkListBox *list;
};

G_DEFINE_FINAL_TYPE(WgwProblemList, wgw_problem_list, ADW_TYPE_BIN)

struct problem {
    guint line; /* from 1 */
    guint column;
    const char *severity;
    const char *code;
    const char *message;
};

static guint signal_jump;

static struct problem
get_problem(WgwProblemList *list, gsize i)
{
    struct problem problem;

    g_variant_get_child(list->problems, i, "(uu&s&s&s)", &problem.line, &problem.column,
                        &problem.severity, &problem.code, &problem.message);
    return problem;
}

static gsize
get_n_problems(WgwProblemList *list)
{
    return list->problems ? g_variant_n_children(list->problems) : 0;
}

static gboolean
is_error(const struct problem *problem)
{
    return g_str_equal(problem->severity, "error");
}

static const char *
get_icon_name(gboolean error)
{
    return error ? "dialog-error-symbolic" : "dialog-warning-symbolic";
}

static GtkTextBuffer *
get_buffer(WgwProblemList *list)
{
    return gtk_text_view_get_buffer(GTK_TEXT_VIEW(list->view));
}

/* A place that the text does not have (any more) is the nearest one that it has. */
static GtkTextIter
get_place(WgwProblemList *list, guint line, guint column)
{
    GtkTextIter place;

    if (gtk_text_buffer_get_iter_at_line(get_buffer(list), &place, MAX(line, 1) - 1))
        for (guint i = 1; i < column && !gtk_text_iter_ends_line(&place); i++)
            gtk_text_iter_forward_char(&place);
    return place;
}

static void
jump(WgwProblemList *list, guint line, guint column)
{
    GtkTextIter place = get_place(list, line, column);
    gboolean shown = FALSE;

    g_signal_emit(list, signal_jump, 0, line, column, &shown);
    if (shown)
        return;
    gtk_text_buffer_place_cursor(get_buffer(list), &place);
    gtk_text_view_scroll_to_mark(GTK_TEXT_VIEW(list->view),
                                 gtk_text_buffer_get_insert(get_buffer(list)), 0.1, FALSE, 0, 0);
    gtk_widget_grab_focus(GTK_WIDGET(list->view));
}

static void
on_jump(GtkWidget *button, WgwProblemList *list)
{
    const guint *place = g_object_get_data(G_OBJECT(button), "place");

    jump(list, place[0], place[1]);
}

static GtkWidget *
create_row(WgwProblemList *list, const struct problem *problem)
{
    GtkWidget *row = adw_action_row_new();
    GtkWidget *icon = g_object_new(GTK_TYPE_IMAGE, "icon-name", get_icon_name(is_error(problem)),
                                   "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
    GtkWidget *button = gtk_button_new_from_icon_name("go-jump-symbolic");
    g_autofree char *place =
        g_strdup_printf(_("Line %u, column %u"), problem->line, problem->column);
    g_autofree char *label =
        g_strdup_printf(_("Go to line %u, column %u"), problem->line, problem->column);
    g_autofree char *subtitle =
        g_strdup_printf("%s · %s", is_error(problem) ? _("Error") : _("Warning"), place);
    guint *where = g_new(guint, 2);

    where[0] = problem->line;
    where[1] = problem->column;
    g_object_set_data_full(G_OBJECT(button), "place", where, g_free);
    g_signal_connect_object(button, "clicked", G_CALLBACK(on_jump), list, 0);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(button, "flat");
    gtk_widget_set_tooltip_text(button, label);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                   -1);
    gtk_widget_add_css_class(icon, is_error(problem) ? ERROR : WARNING);

    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), problem->message);
    adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 0);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), icon);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), button);
    adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), button);
    return row;
}

static void
update_summary(WgwProblemList *list, guint n_errors, guint n_warnings)
{
    g_autofree char *errors =
        g_strdup_printf(ngettext("%u error", "%u errors", n_errors), n_errors);
    g_autofree char *warnings =
        g_strdup_printf(ngettext("%u warning", "%u warnings", n_warnings), n_warnings);
    g_autofree char *both = NULL;

    gtk_widget_remove_css_class(GTK_WIDGET(list->icon), ERROR);
    gtk_widget_remove_css_class(GTK_WIDGET(list->icon), WARNING);
    if (n_errors + n_warnings == 0) {
        gtk_image_set_from_icon_name(list->icon, "emblem-ok-symbolic");
        gtk_label_set_label(list->summary, _("No problems"));
        return;
    }
    gtk_image_set_from_icon_name(list->icon, get_icon_name(n_errors > 0));
    gtk_widget_add_css_class(GTK_WIDGET(list->icon), n_errors > 0 ? ERROR : WARNING);
    if (n_errors > 0 && n_warnings > 0)
        /* Translators: "2 errors", then "1 warning" */
        both = g_strdup_printf(_("%s, %s"), errors, warnings);
    gtk_label_set_label(list->summary, both ? both : n_errors > 0 ? errors : warnings);
}

static void
fill_list(WgwProblemList *list)
{
    GtkWidget *row;
    guint n[2] = {0, 0};

    while ((row = gtk_widget_get_first_child(GTK_WIDGET(list->list))))
        gtk_list_box_remove(list->list, row);
    for (gsize i = 0; i < get_n_problems(list); i++) {
        struct problem problem = get_problem(list, i);

        n[is_error(&problem)]++;
        if (i < MAX_ROWS)
            gtk_list_box_append(list->list, create_row(list, &problem));
    }
    update_summary(list, n[TRUE], n[FALSE]);
    gtk_widget_set_visible(list->scroller, n[TRUE] + n[FALSE] > 0);
}

static gboolean
has_mark(GtkSourceBuffer *buffer, GtkTextIter *line)
{
    g_autoptr(GSList) marks = gtk_source_buffer_get_source_marks_at_iter(buffer, line, NULL);

    return marks != NULL;
}

/* From the place to the end of what is written there; all of the line where that is nothing. */
static void
mark(WgwProblemList *list, const struct problem *problem)
{
    GtkTextBuffer *buffer = get_buffer(list);
    const char *name = is_error(problem) ? ERROR : WARNING;
    GtkTextIter start = get_place(list, problem->line, problem->column);
    GtkTextIter end = start;
    GtkTextIter line = start;

    if (!gtk_text_iter_ends_line(&end))
        gtk_text_iter_forward_to_line_end(&end);
    gtk_text_iter_set_line_offset(&line, 0);
    if (gtk_text_iter_equal(&start, &end))
        start = line;
    gtk_text_buffer_apply_tag_by_name(buffer, name, &start, &end);
    /* One a line: they would be drawn one over the other. */
    if (is_error(problem))
        gtk_source_buffer_remove_source_marks(GTK_SOURCE_BUFFER(buffer), &line, &line, WARNING);
    else if (has_mark(GTK_SOURCE_BUFFER(buffer), &line))
        return;
    gtk_source_buffer_create_source_mark(GTK_SOURCE_BUFFER(buffer), NULL, name, &line);
}

static void
mark_all(WgwProblemList *list)
{
    GtkTextBuffer *buffer = get_buffer(list);
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(buffer, &start, &end);
    gtk_text_buffer_remove_tag_by_name(buffer, ERROR, &start, &end);
    gtk_text_buffer_remove_tag_by_name(buffer, WARNING, &start, &end);
    gtk_source_buffer_remove_source_marks(GTK_SOURCE_BUFFER(buffer), &start, &end, NULL);
    for (gsize i = 0; i < get_n_problems(list); i++) {
        struct problem problem = get_problem(list, i);

        mark(list, &problem);
    }
}

static void
define_mark(WgwProblemList *list, const char *name, const char *colour, int priority)
{
    g_autoptr(GtkSourceMarkAttributes) attributes = gtk_source_mark_attributes_new();
    GdkRGBA rgba;

    gdk_rgba_parse(&rgba, colour);
    gtk_text_buffer_create_tag(get_buffer(list), name, "underline", PANGO_UNDERLINE_ERROR,
                               "underline-rgba", &rgba, NULL);
    gtk_source_mark_attributes_set_icon_name(attributes, get_icon_name(g_str_equal(name, ERROR)));
    gtk_source_view_set_mark_attributes(list->view, name, attributes, priority);
}

static void
wgw_problem_list_dispose(GObject *object)
{
    WgwProblemList *list = WGW_PROBLEM_LIST(object);

    g_clear_object(&list->view);
    g_clear_pointer(&list->problems, g_variant_unref);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_PROBLEM_LIST);
    G_OBJECT_CLASS(wgw_problem_list_parent_class)->dispose(object);
}

static void
wgw_problem_list_class_init(WgwProblemListClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_problem_list_dispose;
    signal_jump = g_signal_new("jump", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
                               g_signal_accumulator_true_handled, NULL, NULL, G_TYPE_BOOLEAN, 2,
                               G_TYPE_UINT, G_TYPE_UINT);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/problem-list.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwProblemList, icon);
    gtk_widget_class_bind_template_child(widget_class, WgwProblemList, summary);
    gtk_widget_class_bind_template_child(widget_class, WgwProblemList, scroller);
    gtk_widget_class_bind_template_child(widget_class, WgwProblemList, list);
}

static void
wgw_problem_list_init(WgwProblemList *list)
{
    gtk_widget_init_template(GTK_WIDGET(list));
}

void
wgw_problem_list_set_view(WgwProblemList *list, GtkSourceView *view)
{
    g_return_if_fail(WGW_IS_PROBLEM_LIST(list));

    list->view = g_object_ref(view);
    define_mark(list, WARNING, "#e5a50a", 0);
    define_mark(list, ERROR, "#e01b24", 1);
}

void
wgw_problem_list_set_problems(WgwProblemList *list, GVariant *problems)
{
    gboolean same;

    g_return_if_fail(WGW_IS_PROBLEM_LIST(list));

    /* Rows that say the same stay, so that the focus does. */
    same = list->problems && g_variant_equal(list->problems, problems);
    g_clear_pointer(&list->problems, g_variant_unref);
    list->problems = g_variant_ref_sink(problems);
    mark_all(list);
    if (!same)
        fill_list(list);
}

gboolean
wgw_problem_list_jump_to_error(WgwProblemList *list)
{
    g_return_val_if_fail(WGW_IS_PROBLEM_LIST(list), FALSE);

    for (gsize i = 0; i < get_n_problems(list); i++) {
        struct problem problem = get_problem(list, i);

        if (is_error(&problem)) {
            jump(list, problem.line, problem.column);
            return TRUE;
        }
    }
    return FALSE;
}
