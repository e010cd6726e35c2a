/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "files/menu.h"

/* Before gi18n-lib.h: a guest's translations go by name, the process's domain is its host's. */
#include "config.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gi18n-lib.h>

#include "dbus/names.h"
#include "files/opening.h"
#include "files/tunnels.h"

/* The process's: Thunar makes and drops the object that it asks for a menu as it likes. */
static WgwTunnels *tunnels;

/* What is done by an item. */
struct choice {
    const WgwMenuKind *kind;
    char *profile; /* NULL: set one up */
    char **uris;
};

static void
choice_free(gpointer data, GClosure *closure)
{
    struct choice *choice = data;

    g_free(choice->profile);
    g_strfreev(choice->uris);
    g_free(choice);
}

static void
set_up(GAppLaunchContext *context)
{
    g_autoptr(GDesktopAppInfo) application = g_desktop_app_info_new(WGW_APPLICATION_ID ".desktop");
    g_autoptr(GError) error = NULL;

    if (!application)
        wgw_opening_complain(_("No Tunnel Is Set Up"),
                             _("The application for it is not installed: wg-wrap-gtk."));
    else if (!g_app_info_launch(G_APP_INFO(application), NULL, context, &error))
        wgw_opening_complain(_("No Tunnel Is Set Up"), error->message);
}

static void
on_activate(gpointer item, struct choice *choice)
{
    g_autoptr(GAppLaunchContext) context = choice->kind->get_launch_context();

    if (choice->profile)
        wgw_opening_start(choice->profile, (const char *const *)choice->uris, context);
    else
        set_up(context);
}

/* @label is for people; its underscores are no mnemonics. */
static gpointer
new_item(const WgwMenuKind *kind, const char *name, const char *label)
{
    g_auto(GStrv) parts = g_strsplit(label, "_", -1);
    g_autofree char *escaped = g_strjoinv("__", parts);

    return kind->item_new(name, escaped, _("Run or open it in a WireGuard tunnel"),
                          WGW_APPLICATION_ID);
}

/* @name is the item's for programs, and may have no odd characters; @profile may. */
static gpointer
new_choice(
    const WgwMenuKind *kind, const char *name, const char *label, const char *profile, char **uris)
{
    gpointer item = new_item(kind, name, label);
    struct choice *choice = g_new0(struct choice, 1);

    choice->kind = kind;
    choice->profile = g_strdup(profile);
    choice->uris = g_strdupv(uris);
    g_signal_connect_data(item, "activate", G_CALLBACK(on_activate), choice, choice_free, 0);
    return item;
}

/* @name, and the state of its tunnel: "work (connected)". (transfer full) */
static char *
dup_label(const char *name, const char *state)
{
    static const struct {
        const char *state; /* the contract's */
        const char *word;
    } words[] = {
        {"starting", N_("starting")},   {"connecting", N_("connecting")},
        {"connected", N_("connected")}, {"stalled", N_("no answer")},
        {"closing", N_("closing")},     {"failed", N_("failed")},
    };

    for (gsize i = 0; state && i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(state, words[i].state))
            /* Translators: a tunnel and its state, "work (connected)". */
            return g_strdup_printf(_("%s (%s)"), name, _(words[i].word));
    return g_strdup(name);
}

/* ---- Submenus ---- */

/* The menus of Nautilus 43, Thunar 4.18 and Caja 1.26 never let go of what was appended to them. Thunar
 * makes up for it; for the others that is done here. Whether a library keeps its items is tried out, as
 * the next one may not. */
static gboolean
keeps_items(const WgwMenuKind *kind)
{
    gpointer item = kind->item_new("WgWrap::probe", "", "", NULL);
    gpointer menu = kind->menu_new();
    gboolean kept;

    kind->append_item(menu, item);
    g_object_unref(menu);
    kept = ((GObject *)item)->ref_count > 1;
    if (kept)
        g_object_unref(item);
    g_object_unref(item);
    return kept;
}

static gpointer
new_submenu(const WgwMenuKind *kind, const GPtrArray *known, char **uris)
{
    gpointer item = new_item(kind, "WgWrap::open-in", _("Open in Tunnel"));
    gpointer menu = kind->menu_new();
    gboolean keeps = !kind->drops_items && keeps_items(kind);
    GPtrArray *kept = g_ptr_array_new_with_free_func(g_object_unref);

    for (guint i = 0; i < known->len; i++) {
        const WgwTunnelEntry *tunnel = known->pdata[i];
        g_autofree char *name = g_strdup_printf("WgWrap::open-in-%u", i);
        g_autofree char *label = dup_label(tunnel->name, tunnel->state);
        gpointer choice = new_choice(kind, name, label, tunnel->name, uris);

        kind->append_item(menu, choice);
        g_object_unref(choice);
        if (keeps)
            g_ptr_array_add(kept, choice);
    }
    /* An object's data go after its own end. */
    g_object_set_data_full(menu, "wg-wrap-kept", kept, (GDestroyNotify)g_ptr_array_unref);
    kind->set_submenu(item, menu);
    g_object_unref(menu);
    return item;
}

/* ---- The menu ---- */

static gpointer
new_only_choice(const WgwMenuKind *kind, const WgwTunnelEntry *tunnel, char **uris)
{
    g_autofree char *action = g_strdup_printf(_("Open in Tunnel “%s”"), tunnel->name);
    g_autofree char *label = dup_label(action, tunnel->state);

    /* A name of its own: in Caja, what was an item does not become a menu. */
    return new_choice(kind, "WgWrap::open-in-only", label, tunnel->name, uris);
}

GList *
wgw_menu_new(const WgwMenuKind *kind, GList *files)
{
    const GPtrArray *known = wgw_tunnels_look(tunnels);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) uris = NULL;
    gpointer item;

    if (!known || !files)
        return NULL;
    for (GList *file = files; file; file = file->next) {
        g_autofree char *uri = kind->get_uri(file->data);

        g_strv_builder_add(builder, uri);
    }
    uris = g_strv_builder_end(builder);
    if (known->len == 0)
        item = new_choice(kind, "WgWrap::set-up", _("Set Up a Tunnel…"), NULL, uris);
    else if (known->len == 1)
        item = new_only_choice(kind, known->pdata[0], uris);
    else
        item = new_submenu(kind, known, uris);
    return g_list_append(NULL, item);
}

void
wgw_menu_init(void (*changed)(void))
{
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    tunnels = wgw_tunnels_new(changed);
}
