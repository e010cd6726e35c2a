/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/import-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "gui/import-problem.h"
#include "gui/row-name.h"

/* Of the list of problems: a list that is recycled does not know how high it would be. */
#define ROWS_SHOWN 5
#define ROW_HEIGHT 64

/* What is over sooner needs no window. */
#define PATIENCE_MS 500

#define WGW_TYPE_IMPORT_WINDOW (wgw_import_window_get_type())
G_DECLARE_FINAL_TYPE(WgwImportWindow, wgw_import_window, WGW, IMPORT_WINDOW, AdwWindow)

struct _WgwImportWindow {
    AdwWindow parent_instance;

    WgwImport *import;

    GtkButton *cancel;
    GtkButton *close;
    GtkStack *stack;
    GtkProgressBar *bar;
    GtkLabel *progress;
    GtkLabel *summary;
    GtkScrolledWindow *problems_frame;
    GtkListView *problems;
};

G_DEFINE_FINAL_TYPE(WgwImportWindow, wgw_import_window, ADW_TYPE_WINDOW)

/* Called by import-problem-row.ui: a row's name is both of its lines. */
char *wgw_import_window_get_row_label(GtkListItem *item, const char *label, const char *reason);

char *
wgw_import_window_get_row_label(GtkListItem *item, const char *label, const char *reason)
{
    g_autofree char *name = g_strdup_printf("%s: %s", label ? label : "", reason ? reason : "");

    wgw_row_name(item, name, NULL);
    return g_strdup(label);
}

/* What was taken, for people; NULL: nothing. (transfer full) */
static char *
dup_taken(WgwImport *import)
{
    const char *name;
    guint taken = wgw_import_get_taken(import, &name);

    if (taken == 0)
        return NULL;
    if (taken == 1)
        return g_strdup_printf(_("“%s” imported."), name);
    return g_strdup_printf(ngettext("%u profile imported.", "%u profiles imported.", taken), taken);
}

static void
on_progressed(WgwImport *import, WgwImportWindow *window)
{
    guint total;
    guint done = wgw_import_get_done(import, &total);
    /* Translators: profiles dealt with, of how many: "37 of 500" */
    g_autofree char *text = g_strdup_printf(_("%u of %u"), done, total);

    gtk_label_set_label(window->progress, text);
    gtk_progress_bar_set_fraction(window->bar, total > 0 ? (double)done / total : 0);
}

static void
show_summary(WgwImportWindow *window)
{
    guint n = g_list_model_get_n_items(wgw_import_get_problems(window->import));
    g_autofree char *taken = dup_taken(window->import);
    g_autofree char *left = NULL;
    g_autofree char *text = NULL;

    if (n > 0)
        left = g_strdup_printf(ngettext("%u could not be.", "%u could not be.", n), n);
    if (!taken)
        taken = g_strdup(_("Nothing was imported."));
    else if (left)
        text = g_strjoin(" ", taken, left, NULL);
    gtk_window_set_title(GTK_WINDOW(window), wgw_import_is_cancelled(window->import)
                                                 ? _("Import Cancelled")
                                                 : _("Import Finished"));
    gtk_label_set_label(window->summary, text ? text : taken);
    gtk_widget_set_visible(GTK_WIDGET(window->problems_frame), n > 0);
    gtk_scrolled_window_set_min_content_height(window->problems_frame,
                                               (int)MIN(n, ROWS_SHOWN) * ROW_HEIGHT);
    gtk_widget_set_visible(GTK_WIDGET(window->cancel), FALSE);
    gtk_widget_set_visible(GTK_WIDGET(window->close), TRUE);
    gtk_stack_set_visible_child_name(window->stack, "summary");
    gtk_widget_grab_focus(GTK_WIDGET(window->close));
}

/* As long as something is on its way the window stays, to say what has arrived. */
static gboolean
wgw_import_window_close_request(GtkWindow *window)
{
    WgwImport *import = WGW_IMPORT_WINDOW(window)->import;

    if (wgw_import_is_finished(import))
        return GTK_WINDOW_CLASS(wgw_import_window_parent_class)->close_request(window);
    wgw_import_cancel(import);
    return TRUE;
}

static void
wgw_import_window_dispose(GObject *object)
{
    WgwImportWindow *window = WGW_IMPORT_WINDOW(object);

    if (window->import)
        wgw_import_cancel(window->import);
    g_clear_object(&window->import);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_IMPORT_WINDOW);
    G_OBJECT_CLASS(wgw_import_window_parent_class)->dispose(object);
}

static void
wgw_import_window_class_init(WgwImportWindowClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_import_window_dispose;
    GTK_WINDOW_CLASS(class)->close_request = wgw_import_window_close_request;
    g_type_ensure(WGW_TYPE_IMPORT_PROBLEM);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/wgwrap/WgWrap/import-window.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, cancel);
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, close);
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, stack);
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, bar);
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, progress);
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, summary);
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, problems_frame);
    gtk_widget_class_bind_template_child(widget_class, WgwImportWindow, problems);
}

static void
wgw_import_window_init(WgwImportWindow *window)
{
    gtk_widget_init_template(GTK_WIDGET(window));
}

/* ---- When it is shown ---- */

struct run {
    GtkWindow *parent;
    WgwImport *import;
    guint patience;
    GtkWindow *window; /* weak */
};

static void
present(struct run *run)
{
    WgwImportWindow *window =
        g_object_new(WGW_TYPE_IMPORT_WINDOW, "transient-for", run->parent, NULL);
    GListModel *problems = g_object_ref(wgw_import_get_problems(run->import));

    window->import = g_object_ref(run->import);
    gtk_list_view_set_model(window->problems, GTK_SELECTION_MODEL(gtk_no_selection_new(problems)));
    g_signal_connect_object(run->import, "progressed", G_CALLBACK(on_progressed), window, 0);
    on_progressed(run->import, window);
    g_set_weak_pointer(&run->window, GTK_WINDOW(window));
    gtk_window_present(GTK_WINDOW(window));
}

static gboolean
on_patience(gpointer user_data)
{
    struct run *run = user_data;

    run->patience = 0;
    present(run);
    return G_SOURCE_REMOVE;
}

static void
say(struct run *run)
{
    g_autofree char *taken = dup_taken(run->import);
    const char *name;

    if (run->window)
        gtk_window_destroy(run->window);
    gtk_widget_activate_action(GTK_WIDGET(run->parent), "win.say", "s", taken);
    if (wgw_import_get_taken(run->import, &name) == 1)
        gtk_widget_activate_action(GTK_WIDGET(run->parent), "win.show-tunnel", "s", name);
}

static void
on_finished(WgwImport *import, struct run *run)
{
    gboolean wrong = wgw_import_is_cancelled(import) ||
                     g_list_model_get_n_items(wgw_import_get_problems(import)) > 0;

    g_clear_handle_id(&run->patience, g_source_remove);
    /* Not if the main window has been closed meanwhile. */
    if (gtk_window_get_application(run->parent)) {
        if (wrong && !run->window)
            present(run);
        if (wrong)
            show_summary(WGW_IMPORT_WINDOW(run->window));
        else
            say(run);
    }
    g_clear_weak_pointer(&run->window);
    g_object_unref(run->parent);
    g_object_unref(run->import);
    g_free(run);
}

void
wgw_import_window_run(GtkWindow *parent, WgwImport *import)
{
    struct run *run = g_new0(struct run, 1);

    run->parent = g_object_ref(parent);
    run->import = import;
    run->patience = g_timeout_add(PATIENCE_MS, on_patience, run);
    g_signal_connect(import, "finished", G_CALLBACK(on_finished), run);
    wgw_import_start(import);
}
