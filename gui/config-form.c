/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/config-form.h"

#include <glib/gi18n.h>

#include "gui/config-field.h"
#include "gui/config-lines.h"
#include "gui/hyphens.h"
#include "gui/text-edit.h"

struct field {
    const char *key;
    const char *title; /* to be translated */
    gboolean secret;
};

static const struct field interface_fields[] = {
    {"PrivateKey", N_("Private key"), TRUE},
    {"Address", N_("Addresses, such as 10.0.0.2/32"), FALSE},
    {"DNS", N_("Name servers, such as 10.0.0.1"), FALSE},
    {"MTU", N_("MTU"), FALSE},
    {"ListenPort", N_("Listen port"), FALSE},
};

static const struct field peer_fields[] = {
    {"PublicKey", N_("Public key"), FALSE},
    {"PresharedKey", N_("Preshared key"), TRUE},
    {"Endpoint", N_("Endpoint, such as vpn.example.com:51820"), FALSE},
    {"AllowedIPs", N_("Allowed IPs, such as 0.0.0.0/0, ::/0"), FALSE},
    {"PersistentKeepalive", N_("Keepalive, in seconds"), FALSE},
};

/* What is not in the text has no line: where it would be shown. */
static const struct {
    const char *code; /* of Manager.CheckConfig */
    const char *key;
} gaps[] = {
    {"no-private-key", "PrivateKey"},
    {"no-address", "Address"},
    {"no-dns", "DNS"},
    {"no-public-key", "PublicKey"},
    {"duplicate-peer", "PublicKey"},
    {"no-allowed-ips", "AllowedIPs"},
};

/* A section and its fields. */
struct section {
    AdwPreferencesGroup *group;
    GPtrArray *fields; /* of WgwConfigField, which are the group's */
};

struct _WgwConfigForm {
    AdwBin parent_instance;

    GtkTextBuffer *buffer;
    WgwKeyMask *mask;
    GVariant *problems;  /* a(uusss), NULL: not known */
    GPtrArray *sections; /* of struct section, numbered as in WgwConfigLines */
    gboolean writing;

    GtkStack *stack;
    AdwPreferencesGroup *interface_group;
    GtkBox *peers_box;
    GtkWidget *add_button;
    GtkWidget *others_group;
    AdwActionRow *others_row;
    AdwActionRow *key_row;
};

enum { SIGNAL_GENERATE, SIGNAL_REVEALED, SIGNAL_COPY, SIGNAL_TO_TEXT, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(WgwConfigForm, wgw_config_form, ADW_TYPE_BIN)

static void
section_free(gpointer data)
{
    struct section *section = data;

    g_ptr_array_unref(section->fields);
    g_free(section);
}

static char *
dup_text(WgwConfigForm *form)
{
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(form->buffer, &start, &end);
    return gtk_text_buffer_get_text(form->buffer, &start, &end, TRUE);
}

static struct section *
get_section(WgwConfigForm *form, guint number)
{
    return g_ptr_array_index(form->sections, number);
}

/* In which section @field is. */
static guint
find_section(WgwConfigForm *form, gpointer field)
{
    guint number = 0;

    while (!g_ptr_array_find(get_section(form, number)->fields, field, NULL))
        number++;
    return number;
}

/* ---- Problems ---- */

static gboolean
is_about(WgwConfigLines *lines, guint line, const char *code, guint section, const char *key)
{
    if (wgw_config_lines_is(lines, line, section, key))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(gaps); i++)
        if (g_str_equal(code, gaps[i].code) && g_str_equal(key, gaps[i].key))
            /* Of a text without [Interface], the first line is told. */
            return section == WGW_CONFIG_INTERFACE ||
                   wgw_config_lines_is(lines, line, section, NULL);
    return FALSE;
}

/* The first error, or else the first warning. */
static void
show_problem(WgwConfigForm *form, WgwConfigLines *lines, guint section, WgwConfigField *field)
{
    const char *key = wgw_config_field_get_key(field);
    const char *severity, *code, *message, *shown = NULL, *shown_severity = NULL;
    GVariantIter iter;
    guint line;

    g_variant_iter_init(&iter, form->problems);
    while (g_variant_iter_next(&iter, "(uu&s&s&s)", &line, NULL, &severity, &code, &message)) {
        if ((shown && !g_str_equal(severity, "error")) ||
            !is_about(lines, line, code, section, key))
            continue;
        shown = message;
        shown_severity = severity;
        if (g_str_equal(severity, "error"))
            break;
    }
    wgw_config_field_set_problem(field, shown_severity, shown);
}

static void
show_problems(WgwConfigForm *form, WgwConfigLines *lines)
{
    for (guint i = 0; i < form->sections->len; i++)
        for (guint j = 0; j < get_section(form, i)->fields->len; j++)
            show_problem(form, lines, i, g_ptr_array_index(get_section(form, i)->fields, j));
}

/* ---- From the form to the text ---- */

static void update(WgwConfigForm *form);

static void
apply(WgwConfigForm *form, const char *text, GArray *edits)
{
    /* What stands there in between would be taken back into the field. */
    form->writing = TRUE;
    wgw_text_edit_apply(form->buffer, text, edits);
    form->writing = FALSE;
    update(form);
}

static void
set(WgwConfigForm *form, guint section, const char *key, const char *value)
{
    g_autoptr(WgwKeyText) text = dup_text(form);
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));
    g_autoptr(GArray) edits = wgw_config_lines_set(lines, section, key, value);

    apply(form, text, edits);
}

static void
on_edited(WgwConfigField *field, const char *text, WgwConfigForm *form)
{
    set(form, find_section(form, field), wgw_config_field_get_key(field), text);
}

static void
on_reveal(WgwConfigField *field, WgwConfigForm *form)
{
    guint section = find_section(form, field);
    const char *key = wgw_config_field_get_key(field);
    g_autoptr(WgwKeyText) text = dup_text(form);
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));
    g_autoptr(WgwKeyText) value = wgw_config_lines_dup_value(lines, section, key);
    const char *secret = wgw_key_mask_get_key(form->mask, value);

    set(form, section, key, secret ? secret : wgw_key_mask_get_word(form->mask, value, text));
    g_signal_emit(form, signals[SIGNAL_REVEALED], 0);
}

/* Once it has a place that can be scrolled to. */
static gboolean
on_peer_added(gpointer user_data)
{
    WgwConfigForm *form = user_data;

    if (form->sections->len > 1 && gtk_widget_get_mapped(GTK_WIDGET(form)))
        wgw_config_field_focus(
            g_ptr_array_index(get_section(form, form->sections->len - 1)->fields, 0));
    return G_SOURCE_REMOVE;
}

static void
on_add_peer(GtkButton *button, gpointer user_data)
{
    WgwConfigForm *form = user_data;
    g_autoptr(WgwKeyText) text = dup_text(form);
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));
    g_autoptr(GArray) edits = wgw_config_lines_add_peer(lines);

    apply(form, text, edits);
    g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, on_peer_added, g_object_ref(form), g_object_unref);
}

static void
on_remove_peer(GtkButton *button, WgwConfigForm *form)
{
    g_autoptr(WgwKeyText) text = dup_text(form);
    g_autoptr(WgwConfigLines) lines = wgw_config_lines_new(text, strlen(text));
    guint number = 1;
    g_autoptr(GArray) edits = NULL;

    while (
        !gtk_widget_is_ancestor(GTK_WIDGET(button), GTK_WIDGET(get_section(form, number)->group)))
        number++;
    edits = wgw_config_lines_remove_peer(lines, number);
    /* Before its button goes, which has the focus. */
    gtk_widget_grab_focus(form->add_button);
    apply(form, text, edits);
}

static void
on_generate(GtkButton *button, WgwConfigForm *form)
{
    g_signal_emit(form, signals[SIGNAL_GENERATE], 0);
}

static void
on_copy(GtkButton *button, WgwConfigForm *form)
{
    g_signal_emit(form, signals[SIGNAL_COPY], 0);
}

static void
on_to_text(GtkWidget *widget, gpointer user_data)
{
    g_signal_emit(user_data, signals[SIGNAL_TO_TEXT], 0);
}

/* ---- From the text to the form ---- */

static GtkWidget *
create_button(const char *icon_name, const char *name, GCallback on_clicked, WgwConfigForm *form)
{
    GtkWidget *button = gtk_button_new_from_icon_name(icon_name);

    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text(button, name);
    gtk_widget_add_css_class(button, "flat");
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_signal_connect_object(button, "clicked", on_clicked, form, 0);
    return button;
}

static WgwConfigField *
add_field(WgwConfigForm *form, struct section *section, const struct field *field)
{
    WgwConfigField *added =
        wgw_config_field_new(section->group, _(field->title), field->key, field->secret);

    g_signal_connect_object(added, "edited", G_CALLBACK(on_edited), form, 0);
    g_signal_connect_object(added, "reveal", G_CALLBACK(on_reveal), form, 0);
    g_ptr_array_add(section->fields, added);
    return added;
}

static struct section *
add_section(WgwConfigForm *form, AdwPreferencesGroup *group)
{
    struct section *section = g_new0(struct section, 1);

    section->group = group;
    section->fields = g_ptr_array_new();
    g_ptr_array_add(form->sections, section);
    return section;
}

static void
add_interface(WgwConfigForm *form)
{
    struct section *section = add_section(form, form->interface_group);
    WgwConfigField *field = add_field(form, section, &interface_fields[0]);

    adw_entry_row_add_suffix(ADW_ENTRY_ROW(field),
                             create_button("view-refresh-symbolic", _("Generate a New Key"),
                                           G_CALLBACK(on_generate), form));
    form->key_row = ADW_ACTION_ROW(adw_action_row_new());
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(form->key_row), _("Public key"));
    wgw_forbid_hyphens(GTK_WIDGET(form->key_row));
    adw_action_row_add_suffix(
        form->key_row,
        create_button("edit-copy-symbolic", _("Copy the Public Key"), G_CALLBACK(on_copy), form));
    adw_preferences_group_add(section->group, GTK_WIDGET(form->key_row));
    for (gsize i = 1; i < G_N_ELEMENTS(interface_fields); i++)
        add_field(form, section, &interface_fields[i]);
}

static void
add_peer(WgwConfigForm *form)
{
    struct section *section = add_section(form, ADW_PREFERENCES_GROUP(adw_preferences_group_new()));

    for (gsize i = 0; i < G_N_ELEMENTS(peer_fields); i++)
        add_field(form, section, &peer_fields[i]);
    adw_preferences_group_set_header_suffix(
        section->group, create_button("user-trash-symbolic", _("Remove the Peer"),
                                      G_CALLBACK(on_remove_peer), form));
    gtk_box_append(form->peers_box, GTK_WIDGET(section->group));
}

static void
count_peers(WgwConfigForm *form, guint n_peers)
{
    while (form->sections->len - 1 > n_peers) {
        gtk_box_remove(form->peers_box,
                       GTK_WIDGET(get_section(form, form->sections->len - 1)->group));
        g_ptr_array_remove_index(form->sections, form->sections->len - 1);
    }
    while (form->sections->len - 1 < n_peers)
        add_peer(form);
    for (guint i = 1; i <= n_peers; i++) {
        g_autofree char *title = g_strdup_printf(_("Peer %u"), i);

        adw_preferences_group_set_title(get_section(form, i)->group,
                                        n_peers > 1 ? title : _("Peer"));
    }
    gtk_widget_set_visible(GTK_WIDGET(form->peers_box), n_peers > 0);
    gtk_widget_set_sensitive(form->add_button, n_peers < WGW_CONFIG_MAX_PEERS);
}

static void
show_others(WgwConfigForm *form, WgwConfigLines *lines)
{
    guint n;
    g_auto(GStrv) keys = wgw_config_lines_dup_others(lines, &n);
    g_autofree char *joined = g_strjoinv(", ", keys);
    g_autofree char *title =
        g_strdup_printf(ngettext("%u more line in the text", "%u more lines in the text", n), n);

    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(form->others_row), title);
    adw_action_row_set_subtitle(form->others_row, joined);
    gtk_widget_set_visible(form->others_group, n > 0);
}

static void
update(WgwConfigForm *form)
{
    g_autoptr(WgwKeyText) text = NULL;
    g_autoptr(WgwConfigLines) lines = NULL;

    if (form->writing || !gtk_widget_get_mapped(GTK_WIDGET(form)))
        return;
    text = dup_text(form);
    lines = wgw_config_lines_new(text, strlen(text));
    if (!wgw_config_lines_is_form(lines)) {
        gtk_stack_set_visible_child_name(form->stack, "none");
        return;
    }
    gtk_stack_set_visible_child_name(form->stack, "fields");
    count_peers(form, wgw_config_lines_get_n_peers(lines));
    for (guint i = 0; i < form->sections->len; i++)
        for (guint j = 0; j < get_section(form, i)->fields->len; j++) {
            WgwConfigField *field = g_ptr_array_index(get_section(form, i)->fields, j);
            g_autoptr(WgwKeyText) value =
                wgw_config_lines_dup_value(lines, i, wgw_config_field_get_key(field));

            wgw_config_field_show(field, value, wgw_key_mask_get_key(form->mask, value) != NULL);
        }
    show_others(form, lines);
}

static void
on_changed(GtkTextBuffer *buffer, WgwConfigForm *form)
{
    update(form);
}

static void
wgw_config_form_map(GtkWidget *widget)
{
    WgwConfigForm *form = WGW_CONFIG_FORM(widget);

    GTK_WIDGET_CLASS(wgw_config_form_parent_class)->map(widget);
    update(form);
    if (form->problems)
        wgw_config_form_set_problems(form, form->problems);
}

static void
wgw_config_form_dispose(GObject *object)
{
    WgwConfigForm *form = WGW_CONFIG_FORM(object);

    g_clear_object(&form->buffer);
    g_clear_pointer(&form->problems, g_variant_unref);
    /* Or else the template would take it away from under AdwBin. */
    adw_bin_set_child(ADW_BIN(form), NULL);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_CONFIG_FORM);
    G_OBJECT_CLASS(wgw_config_form_parent_class)->dispose(object);
}

static void
wgw_config_form_finalize(GObject *object)
{
    g_ptr_array_unref(WGW_CONFIG_FORM(object)->sections);
    G_OBJECT_CLASS(wgw_config_form_parent_class)->finalize(object);
}

static void
wgw_config_form_class_init(WgwConfigFormClass *class)
{
    static const char *const names[N_SIGNALS] = {"generate", "revealed", "copy", "to-text"};
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_config_form_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_config_form_finalize;
    widget_class->map = wgw_config_form_map;
    for (int i = 0; i < N_SIGNALS; i++)
        signals[i] = g_signal_new(names[i], G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/config-form.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwConfigForm, stack);
    gtk_widget_class_bind_template_child(widget_class, WgwConfigForm, interface_group);
    gtk_widget_class_bind_template_child(widget_class, WgwConfigForm, peers_box);
    gtk_widget_class_bind_template_child(widget_class, WgwConfigForm, add_button);
    gtk_widget_class_bind_template_child(widget_class, WgwConfigForm, others_group);
    gtk_widget_class_bind_template_child(widget_class, WgwConfigForm, others_row);
    gtk_widget_class_bind_template_callback(widget_class, on_add_peer);
    gtk_widget_class_bind_template_callback(widget_class, on_to_text);
}

static void
wgw_config_form_init(WgwConfigForm *form)
{
    gtk_widget_init_template(GTK_WIDGET(form));
    form->sections = g_ptr_array_new_with_free_func(section_free);
    add_interface(form);
    wgw_config_form_set_public_key(form, NULL);
}

void
wgw_config_form_set_buffer(WgwConfigForm *form, GtkTextBuffer *buffer, WgwKeyMask *mask)
{
    g_return_if_fail(WGW_IS_CONFIG_FORM(form));

    form->buffer = g_object_ref(buffer);
    form->mask = mask;
    g_signal_connect_object(buffer, "changed", G_CALLBACK(on_changed), form, 0);
}

void
wgw_config_form_set_editable(WgwConfigForm *form, gboolean editable)
{
    g_return_if_fail(WGW_IS_CONFIG_FORM(form));

    gtk_widget_set_sensitive(GTK_WIDGET(form->stack), editable);
}

void
wgw_config_form_set_problems(WgwConfigForm *form, GVariant *problems)
{
    g_autoptr(WgwKeyText) text = NULL;
    g_autoptr(WgwConfigLines) lines = NULL;

    g_return_if_fail(WGW_IS_CONFIG_FORM(form));

    g_variant_ref_sink(problems);
    g_clear_pointer(&form->problems, g_variant_unref);
    form->problems = problems;
    if (!gtk_widget_get_mapped(GTK_WIDGET(form)))
        return;
    text = dup_text(form);
    lines = wgw_config_lines_new(text, strlen(text));
    if (wgw_config_lines_is_form(lines))
        show_problems(form, lines);
}

void
wgw_config_form_set_public_key(WgwConfigForm *form, const char *public_key)
{
    g_return_if_fail(WGW_IS_CONFIG_FORM(form));

    adw_action_row_set_subtitle(form->key_row, public_key ? public_key : "");
    gtk_widget_set_visible(GTK_WIDGET(form->key_row), public_key != NULL);
}

void
wgw_config_form_set_private_key(WgwConfigForm *form, const char *value)
{
    g_return_if_fail(WGW_IS_CONFIG_FORM(form));

    set(form, WGW_CONFIG_INTERFACE, "PrivateKey", value);
}

gboolean
wgw_config_form_can_show(WgwConfigForm *form)
{
    g_autoptr(WgwKeyText) text = NULL;
    g_autoptr(WgwConfigLines) lines = NULL;

    g_return_val_if_fail(WGW_IS_CONFIG_FORM(form), FALSE);

    text = dup_text(form);
    lines = wgw_config_lines_new(text, strlen(text));
    return wgw_config_lines_is_form(lines);
}

gboolean
wgw_config_form_focus(WgwConfigForm *form, guint line)
{
    g_autoptr(WgwKeyText) text = NULL;
    g_autoptr(WgwConfigLines) lines = NULL;

    g_return_val_if_fail(WGW_IS_CONFIG_FORM(form), FALSE);

    if (!wgw_config_form_can_show(form))
        return FALSE;
    text = dup_text(form);
    lines = wgw_config_lines_new(text, strlen(text));
    for (guint i = 0; i < form->sections->len; i++)
        for (guint j = 0; j < get_section(form, i)->fields->len; j++) {
            WgwConfigField *field = g_ptr_array_index(get_section(form, i)->fields, j);

            if (line == 0 ? gtk_editable_get_editable(GTK_EDITABLE(field))
                          : wgw_config_lines_is(lines, line, i, wgw_config_field_get_key(field)) ||
                                (j == 0 && i > 0 && wgw_config_lines_is(lines, line, i, NULL))) {
                wgw_config_field_focus(field);
                return TRUE;
            }
        }
    return FALSE;
}
