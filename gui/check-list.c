/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/check-list.h"

#include <glib/gi18n.h>

#include "config.h"
#include "gui/hyphens.h"

struct _WgwCheckList {
    AdwBin parent_instance;

    GtkListBox *rows;
    GVariant *checks; /* a(ssbss), or NULL */
    gboolean only_failed;
};

G_DEFINE_FINAL_TYPE(WgwCheckList, wgw_check_list, ADW_TYPE_BIN)

enum { PROP_ONLY_FAILED = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

/* What the checks of a tunnel are for; one that is not found here goes without. */
static const struct {
    const char *id;
    const char *meaning;
} meanings[] = {
    {"network-namespace", N_("Programs in the tunnel must have a network of their own.")},
    {"interfaces", N_("Neither cable nor Wi-Fi nor mobile network must be seen from inside.")},
    {"ipv4", N_("Where packets to the Internet go.")},
    {"ipv6", N_("Where packets to the Internet go, by its newer protocol.")},
    {"name-servers", N_("Who is asked for the addresses of names: the profile's servers alone.")},
    {"name-lookup", N_("No other service of this machine must be asked for them.")},
    {"resolvers-outside", N_("Name services outside the tunnel, which would give names away.")},
    {"system-bus", N_("Services of the system, which could do so, too.")},
    {"capabilities", N_("Rights with which a program could change its network.")},
    {"public-address",
     N_("Where the others see you come from: an address of the tunnel's far end.")},
    {"way-out", N_("A process outside, through which the tunnel could be left.")},
};

static const char *
get_meaning(const char *id)
{
    for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++)
        if (g_str_equal(id, meanings[i].id))
            return _(meanings[i].meaning);
    return NULL;
}

static void
on_copy_advice(GtkButton *button, const char *advice)
{
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(button)), advice);
}

static void
advice_free(gpointer data, GClosure *closure)
{
    g_free(data);
}

static GtkWidget *
create_copy_button(const char *check, const char *advice)
{
    GtkWidget *button = gtk_button_new_from_icon_name("edit-copy-symbolic");
    /* Translators: a button's name for screen readers; of a check, such as "Namespaces" */
    g_autofree char *label = g_strdup_printf(_("Copy the Advice: %s"), check);

    gtk_widget_set_tooltip_text(button, _("Copy the Advice"));
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                   -1);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(button, "flat");
    g_signal_connect_data(button, "clicked", G_CALLBACK(on_copy_advice), g_strdup(advice),
                          advice_free, 0);
    return button;
}

static GtkWidget *
create_text_row(const char *title, const char *subtitle)
{
    GtkWidget *row = adw_action_row_new();

    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
    adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
    /* There may be a command in it. */
    wgw_forbid_hyphens(row);
    return row;
}

static GtkWidget *
create_row(const char *id, const char *check, gboolean passed, const char *found)
{
    const char *meaning = get_meaning(id);
    g_autofree char *subtitle = meaning ? g_strdup_printf("%s\n%s", found, meaning) : NULL;
    GtkWidget *row = create_text_row(check, subtitle ? subtitle : found);
    GtkWidget *icon =
        gtk_image_new_from_icon_name(passed ? "emblem-ok-symbolic" : "dialog-error-symbolic");
    GtkWidget *word = gtk_label_new(passed ? _("Passed") : _("Failed"));
    const char *class = passed ? "success" : "error";

    adw_action_row_add_prefix(ADW_ACTION_ROW(row), icon);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), word);
    gtk_accessible_update_property(GTK_ACCESSIBLE(icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   gtk_label_get_label(GTK_LABEL(word)), -1);
    gtk_widget_add_css_class(icon, class);
    gtk_widget_add_css_class(word, class);
    return row;
}

/* Below that of its check, for it needs all of a narrow window's width. */
static GtkWidget *
create_advice_row(const char *check, const char *advice)
{
    GtkWidget *row = create_text_row(_("What to do"), advice);
    GtkWidget *icon = g_object_new(GTK_TYPE_IMAGE, "icon-name", "dialog-information-symbolic",
                                   "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

    adw_action_row_add_prefix(ADW_ACTION_ROW(row), icon);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), create_copy_button(check, advice));
    return row;
}

static void
wgw_check_list_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_ONLY_FAILED:
        g_value_set_boolean(value, WGW_CHECK_LIST(object)->only_failed);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_check_list_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_ONLY_FAILED:
        WGW_CHECK_LIST(object)->only_failed = g_value_get_boolean(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_check_list_finalize(GObject *object)
{
    g_clear_pointer(&WGW_CHECK_LIST(object)->checks, g_variant_unref);
    G_OBJECT_CLASS(wgw_check_list_parent_class)->finalize(object);
}

static void
wgw_check_list_class_init(WgwCheckListClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->finalize = wgw_check_list_finalize;
    object_class->get_property = wgw_check_list_get_property;
    object_class->set_property = wgw_check_list_set_property;
    properties[PROP_ONLY_FAILED] = g_param_spec_boolean("only-failed", NULL, NULL, FALSE,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
wgw_check_list_init(WgwCheckList *list)
{
    list->rows = GTK_LIST_BOX(gtk_list_box_new());
    gtk_list_box_set_selection_mode(list->rows, GTK_SELECTION_NONE);
    gtk_accessible_update_property(GTK_ACCESSIBLE(list->rows), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   _("Checks"), -1);
    gtk_widget_add_css_class(GTK_WIDGET(list->rows), "boxed-list");
    gtk_widget_set_valign(GTK_WIDGET(list->rows), GTK_ALIGN_START);
    adw_bin_set_child(ADW_BIN(list), GTK_WIDGET(list->rows));
}

guint
wgw_check_list_set_checks(WgwCheckList *list, GVariant *checks)
{
    const char *id, *check, *found, *advice;
    gboolean passed;
    GtkWidget *row;
    GVariantIter iter;
    guint n_failed = 0;

    g_return_val_if_fail(WGW_IS_CHECK_LIST(list), 0);

    g_clear_pointer(&list->checks, g_variant_unref);
    list->checks = g_variant_ref(checks);
    while ((row = gtk_widget_get_first_child(GTK_WIDGET(list->rows))))
        gtk_list_box_remove(list->rows, row);
    g_variant_iter_init(&iter, checks);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", &id, &check, &passed, &found, &advice)) {
        n_failed += !passed;
        if (passed && list->only_failed)
            continue;
        gtk_list_box_append(list->rows, create_row(id, check, passed, found));
        if (*advice)
            gtk_list_box_append(list->rows, create_advice_row(check, advice));
    }
    return n_failed;
}

gboolean
wgw_check_list_has_failed(WgwCheckList *list, const char *const *ids)
{
    const char *check;
    gboolean passed;
    GVariantIter iter;

    g_return_val_if_fail(WGW_IS_CHECK_LIST(list) && list->checks, FALSE);

    g_variant_iter_init(&iter, list->checks);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", &check, NULL, &passed, NULL, NULL))
        for (const char *const *id = ids; *id && !passed; id++)
            if (g_str_equal(check, *id))
                return TRUE;
    return FALSE;
}

void
wgw_check_list_copy(WgwCheckList *list, const char *heading)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *check, *found, *advice;
    gboolean passed;
    GVariantIter iter;

    g_return_if_fail(WGW_IS_CHECK_LIST(list) && list->checks);

    g_string_append_printf(text, "%s (wg-wrap %s)\n", heading, WGW_VERSION);
    g_variant_iter_init(&iter, list->checks);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", NULL, &check, &passed, &found, &advice))
        g_string_append_printf(text, "[%s] %s: %s%s%s\n", passed ? "ok" : "!!", check, found,
                               *advice ? " -> " : "", advice);
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(list)), text->str);
}
