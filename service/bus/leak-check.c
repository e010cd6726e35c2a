/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/leak-check.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "bus/settings.h"
#include "dbus/error.h"

/* More than all rows with their advice. */
#define MAX_REPORT (64 * 1024)

struct check {
    GInputStream *output;
    char *buffer;
};

static void
check_free(gpointer data)
{
    struct check *check = data;

    g_clear_object(&check->output);
    g_free(check->buffer);
    g_free(check);
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    struct check *check = g_task_get_task_data(task);
    gsize n = 0;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GVariant) report = NULL;

    g_input_stream_read_all_finish(G_INPUT_STREAM(source), result, &n, NULL);
    bytes = g_bytes_new_take(g_steal_pointer(&check->buffer), n);
    report = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE("a(ssbss)"), bytes, FALSE));
    if (g_variant_is_normal_form(report) && g_variant_n_children(report) > 0)
        g_task_return_pointer(task, g_steal_pointer(&report), (GDestroyNotify)g_variant_unref);
    else
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED,
                                _("The check ended without an answer. Try again, or see what "
                                  "wg-wrap doctor says."));
}

static void
on_launched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    struct check *check = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(GVariant) reply = wgw_mirror_call_finish(WGW_MIRROR(source), result, NULL, &error);

    if (reply)
        g_input_stream_read_all_async(check->output, check->buffer, MAX_REPORT, G_PRIORITY_DEFAULT,
                                      NULL, on_read, g_object_ref(task));
    else
        g_task_return_error(task, error);
}

/* Descriptors for the program; check->output is where its outcome comes. */
static GUnixFDList *
make_stdio(struct check *check, GError **error)
{
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
    WGW_AUTOCLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    WGW_AUTOCLOSE int reader = -1;
    WGW_AUTOCLOSE int writer = -1;
    int ends[2];

    if (!g_unix_open_pipe(ends, FD_CLOEXEC, error))
        return NULL;
    reader = ends[0];
    writer = ends[1];
    if (g_unix_fd_list_append(list, null, error) < 0 ||
        g_unix_fd_list_append(list, writer, error) < 0 ||
        g_unix_fd_list_append(list, STDERR_FILENO, error) < 0)
        return NULL;
    check->output = g_unix_input_stream_new(wgw_fd_steal(&reader), TRUE);
    return g_steal_pointer(&list);
}

/* Of this machine's interfaces, but for what the tunnel has as well. */
static void
add_own_addresses(GPtrArray *argv, const WgwConfig *config)
{
    struct ifaddrs *all = NULL;
    gsize n = 0;
    const WgwAddress *inside = config ? wgw_config_get_addresses(config, &n) : NULL;

    if (getifaddrs(&all) < 0)
        return;
    for (struct ifaddrs *one = all; one; one = one->ifa_next) {
        char text[NI_MAXHOST];
        int family = one->ifa_addr ? one->ifa_addr->sa_family : AF_UNSPEC;
        gboolean is_inside = FALSE;

        if ((family != AF_INET && family != AF_INET6) ||
            getnameinfo(one->ifa_addr,
                        family == AF_INET ? sizeof(struct sockaddr_in)
                                          : sizeof(struct sockaddr_in6),
                        text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
            continue;
        for (gsize i = 0; i < n; i++) {
            g_autofree char *ip = wgw_address_to_ip(&inside[i]);

            is_inside |= g_str_equal(ip, text);
        }
        if (!is_inside)
            g_ptr_array_add(argv, g_strconcat("--own-address=", text, NULL));
    }
    freeifaddrs(all);
}

/* What the user has chosen to be asked; by default, nothing is. */
static void
add_page(GPtrArray *argv, WgwProfile *profile)
{
    g_auto(WgwChoices) choices = {0};

    if (!profile)
        return;
    wgw_settings_get_choices(wgw_profile_get_name(profile), &choices);
    if (!*choices.page)
        return;
    g_ptr_array_add(argv, g_strconcat("--page=", choices.page, NULL));
    add_own_addresses(argv, wgw_profile_get_config(profile));
}

static void
add_servers(GPtrArray *argv, WgwProfile *profile)
{
    const WgwConfig *config = profile ? wgw_profile_get_config(profile) : NULL;
    gsize n = 0;
    const WgwAddress *servers = config ? wgw_config_get_dns(config, &n) : NULL;

    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(argv, wgw_address_to_ip(&servers[i]));
    if (config && n == 0) {
        g_auto(WgwChoices) choices = {0};

        wgw_settings_get_choices(wgw_profile_get_name(profile), &choices);
        for (char **server = choices.dns; *server; server++)
            g_ptr_array_add(argv, g_strdup(*server));
    }
    if (!config)
        g_ptr_array_add(argv, g_strdup("?"));
    g_ptr_array_add(argv, NULL);
}

void
wgw_leak_check_async(WgwService *service,
                     WgwMirror *mirror,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
    static const char *const no_covers[] = {NULL};
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    struct check *check = g_new0(struct check, 1);
    g_auto(GStrv) environment = g_get_environ();
    g_autoptr(GUnixFDList) stdio = NULL;
    WgwProfile *profile = wgw_profile_store_lookup(service->store, wgw_mirror_get_name(mirror));
    GVariantBuilder handles;
    GError *error = NULL;

    g_task_set_task_data(task, check, check_free);
    check->buffer = g_malloc(MAX_REPORT);
    stdio = make_stdio(check, &error);
    if (!stdio) {
        g_task_return_error(task, error);
        return;
    }
    g_ptr_array_add(argv, wgw_program_path("wg-wrap-check"));
    add_page(argv, profile);
    g_ptr_array_add(argv, g_file_read_link("/proc/self/ns/net", NULL));
    g_ptr_array_add(argv, g_strdup_printf("%d", getpid()));
    add_servers(argv, profile);
    g_variant_builder_init(&handles, G_VARIANT_TYPE("ah"));
    for (int i = 0; i < 3; i++)
        g_variant_builder_add(&handles, "h", i);
    wgw_mirror_call_async(mirror, "Launch",
                          g_variant_new("(^aay^aay^ay^aayssah)", argv->pdata, environment, "/",
                                        no_covers, "wg-wrap-check", "", &handles),
                          stdio, on_launched, g_object_ref(task));
}

GVariant *
wgw_leak_check_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
