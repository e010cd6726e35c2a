/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/manager.h"

#include <glib/gi18n.h>
#include <sodium.h>

#include "base/fd.h"
#include "bus/defaults.h"
#include "bus/launch.h"
#include "bus/links.h"
#include "bus/options.h"
#include "bus/private-data.h"
#include "bus/settings.h"
#include "config.h"
#include "dbus/descriptor.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"
#include "dbus/wgw-dbus.h"
#include "diagnostics/check.h"
#include "diagnostics/checks.h"
#include "launcher/recipe.h"

/* Where the demo tunnel's other end shows who comes (service/demo/peer.h). */
#define DEMO_PAGE "http://10.99.0.1/"

/* A request that is on its way. */
struct request {
    WgwService *service;
    GDBusMethodInvocation *invocation;
    WgwProfile *profile;
    GVariant *options;
};

static struct request *
request_new(WgwService *service,
            GDBusMethodInvocation *invocation,
            WgwProfile *profile,
            GVariant *options)
{
    struct request *request = g_new0(struct request, 1);

    request->service = service;
    request->invocation = invocation;
    request->profile = profile ? g_object_ref(profile) : NULL;
    request->options = options ? g_variant_ref(options) : NULL;
    return request;
}

static void
request_free(struct request *request)
{
    g_clear_object(&request->profile);
    g_clear_pointer(&request->options, g_variant_unref);
    g_free(request);
}

static WgwProfile *
find_profile(WgwService *service, const char *name, GDBusMethodInvocation *invocation)
{
    GError *error = NULL;
    WgwProfile *profile = wgw_service_find_profile(service, name, &error);

    if (!profile)
        wgw_service_return_error(invocation, error);
    return profile;
}

/* ---- Profiles ---- */

static void
import(WgwService *service,
       GDBusMethodInvocation *invocation,
       const char *name,
       const char *text,
       gssize len)
{
    gboolean is_new =
        wgw_profile_name_check(name, NULL) && !wgw_profile_store_lookup(service->store, name);
    GError *error = NULL;
    g_autofree char *path = NULL;

    /* What was chosen for another of that name, which was removed behind our back, was not for this. */
    if ((is_new && !wgw_settings_move_choices(name, NULL, &error)) ||
        !wgw_profile_store_import(service->store, name, text, len, &error)) {
        wgw_service_return_error(invocation, error);
        return;
    }
    path = wgw_path_for_profile(name);
    g_dbus_method_invocation_return_value(invocation, g_variant_new("(o)", path));
}

static gboolean
on_import_profile(WgwDbusManager *manager,
                  GDBusMethodInvocation *invocation,
                  const char *name,
                  const char *config,
                  gpointer user_data)
{
    import(user_data, invocation, name, config, -1);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_import_file(WgwDbusManager *manager,
               GDBusMethodInvocation *invocation,
               GUnixFDList *fds,
               const char *name,
               GVariant *file,
               gpointer user_data)
{
    GError *error = NULL;
    WGW_AUTOCLOSE int fd = wgw_descriptor_take(fds, g_variant_get_handle(file), &error);
    g_autoptr(WgwSecret) text = NULL;

    /* Regular files only: nothing that could keep us waiting. */
    if (fd >= 0)
        text = wgw_secret_read(fd, WGW_CONFIG_MAX_SIZE, &error);
    if (!text)
        wgw_service_return_error(invocation, error);
    else
        import(user_data, invocation, name, wgw_secret_get_text(text),
               (gssize)wgw_secret_get_length(text));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_check_config(WgwDbusManager *manager,
                GDBusMethodInvocation *invocation,
                const char *config,
                gpointer user_data)
{
    g_autoptr(GPtrArray) problems = NULL;
    G_GNUC_UNUSED g_autoptr(WgwConfig) parsed =
        wgw_config_parse(config, -1, WGW_CONFIG_ALLOW_HIDDEN, &problems, NULL);

    wgw_dbus_manager_complete_check_config(manager, invocation, wgw_problems_to_variant(problems));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_generate_key(WgwDbusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
    guint8 private_key[WGW_KEY_LEN], public_key[WGW_KEY_LEN];
    char private_text[WGW_KEY_BASE64_LEN + 1], public_text[WGW_KEY_BASE64_LEN + 1];

    wgw_key_generate(private_key);
    wgw_key_derive_public(private_key, public_key);
    wgw_key_to_base64(private_key, private_text);
    wgw_key_to_base64(public_key, public_text);
    wgw_dbus_manager_complete_generate_key(manager, invocation, private_text, public_text);
    sodium_memzero(private_key, sizeof private_key);
    sodium_memzero(private_text, sizeof private_text);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* ---- Launching ---- */

static void
on_launched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    GError *error = NULL;
    guint pid = wgw_launch_finish(result, &error);
    g_autofree char *session = wgw_path_for_session(wgw_profile_get_name(request->profile));

    if (error)
        wgw_service_return_error(request->invocation, error);
    else if (g_str_equal(g_dbus_method_invocation_get_method_name(request->invocation), "OpenUris"))
        g_dbus_method_invocation_return_value(request->invocation, NULL);
    else
        g_dbus_method_invocation_return_value(request->invocation,
                                              g_variant_new("(ou)", session, pid));
    request_free(request);
}

static gboolean
on_launch(WgwDbusManager *manager,
          GDBusMethodInvocation *invocation,
          GUnixFDList *fds,
          const char *name,
          const char *const *argv,
          GVariant *options,
          gpointer user_data)
{
    WgwProfile *profile = find_profile(user_data, name, invocation);

    if (profile)
        wgw_launch_command_async(user_data, profile, argv, options, fds, on_launched,
                                 request_new(user_data, invocation, profile, NULL));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_launch_app(WgwDbusManager *manager,
              GDBusMethodInvocation *invocation,
              GUnixFDList *fds,
              const char *name,
              const char *desktop_id,
              const char *const *uris,
              GVariant *options,
              gpointer user_data)
{
    WgwProfile *profile = find_profile(user_data, name, invocation);

    if (profile)
        wgw_launch_application_async(user_data, profile, desktop_id, uris, options, fds,
                                     on_launched,
                                     request_new(user_data, invocation, profile, NULL));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_open_uris(WgwDbusManager *manager,
             GDBusMethodInvocation *invocation,
             GUnixFDList *fds,
             const char *name,
             const char *const *uris,
             GVariant *options,
             gpointer user_data)
{
    WgwProfile *profile = find_profile(user_data, name, invocation);

    if (profile)
        wgw_launch_uris_async(user_data, profile, uris, options, fds, on_launched,
                              request_new(user_data, invocation, profile, NULL));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* ---- Joining ---- */

static void
on_joined(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    g_autoptr(GUnixFDList) fds = NULL;
    GError *error = NULL;
    g_autoptr(GVariant) reply =
        wgw_registry_call_finish(WGW_REGISTRY(source), result, &fds, &error);
    g_autofree char *session = wgw_path_for_session(wgw_profile_get_name(request->profile));

    if (reply)
        g_dbus_method_invocation_return_value_with_unix_fd_list(
            request->invocation, g_variant_new("(oh)", session, 0), fds);
    else
        wgw_service_return_error(request->invocation, error);
    request_free(request);
}

static void
on_caller_known(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    GError *error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
    guint pid;

    if (!reply) {
        wgw_service_return_error(request->invocation, error);
        request_free(request);
        return;
    }
    g_variant_get(reply, "(u)", &pid);
    wgw_registry_call_async(request->service->registry, request->profile,
                            wgw_options_get_wait(request->options), "Join",
                            g_variant_new("(u)", pid), NULL, -1, on_joined, request);
}

static gboolean
on_join(WgwDbusManager *manager,
        GDBusMethodInvocation *invocation,
        GUnixFDList *fds,
        const char *name,
        GVariant *options,
        gpointer user_data)
{
    WgwService *service = user_data;
    WgwProfile *profile = find_profile(service, name, invocation);
    const char *sender = g_dbus_method_invocation_get_sender(invocation);
    GError *error = NULL;

    if (!profile)
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    if (!wgw_options_check(options, WGW_OPTIONS_WAIT, &error)) {
        wgw_service_return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    /* The bus knows who calls; the caller's own word would count another's process. */
    g_dbus_connection_call(service->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                           g_variant_new("(s)", sender), G_VARIANT_TYPE("(u)"),
                           G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_caller_known,
                           request_new(service, invocation, profile, options));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* ---- The rest ---- */

static void
on_demo_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    GError *error = NULL;
    g_autofree char *name = wgw_demo_start_finish(request->service->demo, result, &error);
    g_autofree char *path = name ? wgw_path_for_profile(name) : NULL;

    if (path)
        g_dbus_method_invocation_return_value(request->invocation,
                                              g_variant_new("(os)", path, DEMO_PAGE));
    else
        wgw_service_return_error(request->invocation, error);
    request_free(request);
}

static gboolean
on_start_demo(WgwDbusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
    WgwService *service = user_data;

    wgw_demo_start_async(service->demo, on_demo_started,
                         request_new(service, invocation, NULL, NULL));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* The same, and a row for each mistake in the user's own recipes, or one for all. */
static GVariant *
with_recipes(GVariant *checks)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    GVariantBuilder report;
    GVariantIter iter;
    GVariant *row;

    wgw_recipe_check(problems);
    g_variant_builder_init(&report, G_VARIANT_TYPE("a(ssbss)"));
    g_variant_iter_init(&iter, checks);
    while ((row = g_variant_iter_next_value(&iter))) {
        g_variant_builder_add_value(&report, row);
        g_variant_unref(row);
    }
    if (problems->len == 0)
        g_variant_builder_add(&report, "(ssbss)", "recipes", _("Recipes"), TRUE,
                              _("no mistake in your own"), "");
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(problems->pdata[i], -1);
        g_autofree char *found = wgw_check_dup_tilde(valid);

        g_variant_builder_add(
            &report, "(ssbss)", "recipes", _("Recipes"), FALSE, found,
            _("Correct the file; man wg-wrap-recipes says what may be in it. Until "
              "then it is passed over."));
    }
    return g_variant_builder_end(&report);
}

/* The answer to either method. */
static void
answer_checks(GDBusMethodInvocation *invocation, GVariant *checks)
{
    g_autoptr(GVariant) report = g_variant_ref_sink(with_recipes(checks));
    gboolean ids = g_str_equal(g_dbus_method_invocation_get_method_name(invocation), "Examine");
    GVariant *value = ids ? report : wgw_checks_drop_ids(report);

    g_dbus_method_invocation_return_value(invocation, g_variant_new_tuple(&value, 1));
}

static void
on_diagnosed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusMethodInvocation *invocation = user_data;
    GError *error = NULL;
    g_autoptr(GVariant) checks = wgw_diagnostics_run_finish(result, &error);

    if (checks)
        answer_checks(invocation, checks);
    else
        wgw_service_return_error(invocation, error);
}

static gboolean
on_diagnose(WgwDbusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
    WgwService *service = user_data;

    wgw_diagnostics_run_async(service->connection, NULL, on_diagnosed, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_default_profile(WgwDbusManager *manager, GParamSpec *pspec, gpointer user_data)
{
    WgwService *service = user_data;
    const char *name = wgw_dbus_manager_get_default_profile(manager);
    g_autoptr(GError) error = NULL;

    if (g_strcmp0(name, service->default_profile) == 0)
        return;
    /* A property's writer cannot be answered; what is refused goes back to what it was. */
    if (!wgw_profile_name_check(name, &error) ||
        !wgw_settings_set("DefaultProfile", name, &error)) {
        g_warning("DefaultProfile: %s", error->message);
        wgw_dbus_manager_set_default_profile(manager, service->default_profile);
        return;
    }
    g_free(service->default_profile);
    service->default_profile = g_strdup(name);
}

gboolean
wgw_manager_export(WgwService *service, GError **error)
{
    static const struct {
        const char *signal;
        GCallback handler;
    } handlers[] = {
        {"handle-import-profile", G_CALLBACK(on_import_profile)},
        {"handle-import-file", G_CALLBACK(on_import_file)},
        {"handle-check-config", G_CALLBACK(on_check_config)},
        {"handle-generate-key", G_CALLBACK(on_generate_key)},
        {"handle-launch", G_CALLBACK(on_launch)},
        {"handle-launch-app", G_CALLBACK(on_launch_app)},
        {"handle-open-uris", G_CALLBACK(on_open_uris)},
        {"handle-join", G_CALLBACK(on_join)},
        {"handle-start-demo", G_CALLBACK(on_start_demo)},
        {"handle-diagnose", G_CALLBACK(on_diagnose)},
        {"handle-examine", G_CALLBACK(on_diagnose)},
        {"notify::default-profile", G_CALLBACK(on_default_profile)},
    };
    WgwDbusManager *manager = wgw_dbus_manager_skeleton_new();
    g_autofree char *directory =
        g_filename_display_name(wgw_profile_store_get_directory(service->store));

    service->default_profile = wgw_settings_get("DefaultProfile", "default");
    wgw_dbus_manager_set_version(manager, WGW_VERSION);
    wgw_dbus_manager_set_profiles_directory(manager, directory);
    wgw_dbus_manager_set_default_profile(manager, service->default_profile);
    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++)
        g_signal_connect(manager, handlers[i].signal, handlers[i].handler, service);
    wgw_links_serve(service, manager);
    wgw_defaults_serve(service, manager);
    wgw_private_data_serve(service, manager);
    return g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(manager), service->connection,
                                            WGW_OBJECT_PATH, error);
}
