/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/choices.h"

struct _WgwChoices {
    GObject parent_instance;

    GVariant *forwarded; /* aq, or NULL */
    GVariant *published; /* aq, or NULL */
    GVariant *local;     /* a(sqs), or NULL */
    char **dns;
    char *bus;  /* or NULL */
    char *page; /* or NULL */
    gboolean autostart;
};

G_DEFINE_FINAL_TYPE(WgwChoices, wgw_choices, G_TYPE_OBJECT)

enum {
    PROP_FORWARDED = 1,
    PROP_PUBLISHED,
    PROP_DNS,
    PROP_BUS,
    PROP_PAGE,
    PROP_AUTOSTART,
    PROP_LOCAL,
    N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
wgw_choices_finalize(GObject *object)
{
    WgwChoices *choices = WGW_CHOICES(object);

    g_clear_pointer(&choices->forwarded, g_variant_unref);
    g_clear_pointer(&choices->published, g_variant_unref);
    g_clear_pointer(&choices->local, g_variant_unref);
    g_strfreev(choices->dns);
    g_free(choices->bus);
    g_free(choices->page);
    G_OBJECT_CLASS(wgw_choices_parent_class)->finalize(object);
}

static void
replace(GVariant **field, const GValue *value)
{
    g_clear_pointer(field, g_variant_unref);
    *field = g_value_dup_variant(value);
}

static void
wgw_choices_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    WgwChoices *choices = WGW_CHOICES(object);

    switch (id) {
    case PROP_FORWARDED:
        replace(&choices->forwarded, value);
        break;
    case PROP_PUBLISHED:
        replace(&choices->published, value);
        break;
    case PROP_LOCAL:
        replace(&choices->local, value);
        break;
    case PROP_AUTOSTART:
        choices->autostart = g_value_get_boolean(value);
        break;
    case PROP_DNS:
        g_strfreev(choices->dns);
        choices->dns = g_value_dup_boxed(value);
        break;
    case PROP_BUS:
        g_free(choices->bus);
        choices->bus = g_value_dup_string(value);
        break;
    case PROP_PAGE:
        g_free(choices->page);
        choices->page = g_value_dup_string(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
    g_signal_emit(choices, signals[CHANGED], 0);
}

static void
wgw_choices_class_init(WgwChoicesClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    const GParamFlags writable = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

    object_class->finalize = wgw_choices_finalize;
    object_class->set_property = wgw_choices_set_property;
    properties[PROP_FORWARDED] =
        g_param_spec_variant("forwarded-ports", NULL, NULL, G_VARIANT_TYPE("aq"), NULL, writable);
    properties[PROP_PUBLISHED] =
        g_param_spec_variant("published-ports", NULL, NULL, G_VARIANT_TYPE("aq"), NULL, writable);
    properties[PROP_DNS] = g_param_spec_boxed("tunnel-dns", NULL, NULL, G_TYPE_STRV, writable);
    properties[PROP_BUS] = g_param_spec_string("bus", NULL, NULL, NULL, writable);
    properties[PROP_PAGE] = g_param_spec_string("address-page", NULL, NULL, NULL, writable);
    properties[PROP_AUTOSTART] = g_param_spec_boolean("autostart", NULL, NULL, FALSE, writable);
    properties[PROP_LOCAL] =
        g_param_spec_variant("local-ports", NULL, NULL, G_VARIANT_TYPE("a(sqs)"), NULL, writable);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
    signals[CHANGED] = g_signal_new("changed", WGW_TYPE_CHOICES, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
}

static void
wgw_choices_init(WgwChoices *choices)
{
}

WgwChoices *
wgw_choices_new(void)
{
    return g_object_new(WGW_TYPE_CHOICES, NULL);
}

static char *
join(GVariant *ports)
{
    GString *text = g_string_new(NULL);
    gsize n = ports ? g_variant_n_children(ports) : 0;

    for (gsize i = 0; i < n; i++) {
        guint16 port;

        g_variant_get_child(ports, i, "q", &port);
        g_string_append_printf(text, "%s%u", i > 0 ? ", " : "", port);
    }
    return g_string_free(text, FALSE);
}

char *
wgw_choices_dup_forwarded(WgwChoices *choices)
{
    return join(choices->forwarded);
}

char *
wgw_choices_dup_published(WgwChoices *choices)
{
    return join(choices->published);
}

const char *const *
wgw_choices_get_dns(WgwChoices *choices)
{
    static const char *const none[] = {NULL};

    return choices->dns ? (const char *const *)choices->dns : none;
}

const char *
wgw_choices_get_bus(WgwChoices *choices)
{
    return choices->bus ? choices->bus : "";
}

const char *
wgw_choices_get_page(WgwChoices *choices)
{
    return choices->page ? choices->page : "";
}

gboolean
wgw_choices_get_autostart(WgwChoices *choices)
{
    return choices->autostart;
}

char *
wgw_choices_dup_problems(WgwChoices *choices)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gsize n = choices->local ? g_variant_n_children(choices->local) : 0;

    for (gsize i = 0; i < n; i++) {
        const char *problem;

        g_variant_get_child(choices->local, i, "(&sq&s)", NULL, NULL, &problem);
        if (*problem)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", problem);
    }
    return text->len > 0 ? g_strdup(text->str) : NULL;
}

GVariant *
wgw_choices_parse_ports(const char *text)
{
    g_auto(GStrv) words = wgw_choices_split(text);
    GVariantBuilder list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aq"));

    for (char **word = words; *word; word++) {
        guint64 port;

        if (!g_ascii_string_to_unsigned(*word, 10, 1, G_MAXUINT16, &port, NULL)) {
            g_variant_builder_clear(&list);
            return NULL;
        }
        g_variant_builder_add(&list, "q", (guint16)port);
    }
    return g_variant_builder_end(&list);
}

char **
wgw_choices_split(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, ", ", -1);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    for (char **word = words; *word; word++)
        if (**word)
            g_strv_builder_add(builder, *word);
    return g_strv_builder_end(builder);
}
