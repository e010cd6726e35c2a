/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * The order is that of a session: the UDP socket is born on the host's side, then the namespaces are
 * left, the box is built, the engine gets everything by descriptor (ARCHITECTURE.md), and is
 * configured over its socket. */
#include "demo/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "namespace/box.h"
#include "namespace/enter.h"
#include "profile/key.h"
#include "profile/secret.h"

#define MTU_BYTES      1420
#define ANSWER_SECONDS 5

typedef struct {
    guint8 private_key[WGW_KEY_LEN];
    guint8 public_key[WGW_KEY_LEN];
} KeyPair;

static gboolean
set_errno(GError **error, int negative_errno, const char *what)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-negative_errno), "%s: %s", what,
                g_strerror(-negative_errno));
    return FALSE;
}

static gboolean
set_failure(GError **error, const struct ns_failure *failure)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(failure->error), "%s: %s: %s. %s",
                failure->stage, failure->detail, g_strerror(failure->error), _(failure->advice));
    return FALSE;
}

static void
generate(KeyPair *pair)
{
    wgw_key_generate(pair->private_key);
    wgw_key_derive_public(pair->private_key, pair->public_key);
}

/* A UDP socket on a free port of 127.0.0.1, which stays the host's. Negative errno. */
static int
make_udp(guint16 *ret_port)
{
    WGW_AUTOCLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return -errno;
    *ret_port = ntohs(address.sin_port);
    return wgw_fd_steal(&fd);
}

/* A listening socket with an abstract address that the kernel chooses (unix(7), autobind): those are
 * the network namespace's own, so nobody outside can connect. Negative errno. */
static int
make_listener(struct sockaddr_un *ret_address, socklen_t *ret_length)
{
    WGW_AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) < 0 ||
        listen(fd, 4) < 0 || getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return -errno;
    *ret_address = address;
    *ret_length = length;
    return wgw_fd_steal(&fd);
}

static gboolean
build_box(struct ns_box *ret_box, GError **error)
{
    struct ns_prefix address = {.family = AF_INET, .bits = 32};
    struct ns_prefix route = {.family = AF_INET, .bits = 32};
    struct ns_plan plan = {
        .mtu = MTU_BYTES, .addresses = &address, .n_addresses = 1, .routes = &route, .n_routes = 1};
    struct ns_failure failure;

    inet_pton(AF_INET, WGW_DEMO_SERVER, address.address);
    inet_pton(AF_INET, WGW_DEMO_CLIENT, route.address);
    if (ns_box_unshare(&failure) < 0 || ns_box_build(&plan, ret_box, &failure) < 0)
        return set_failure(error, &failure);
    return TRUE;
}

/* wg-wrap-engine with --NAME-fd=NUMBER for each of the `n` names in `options`. It ends with its parent,
 * however that ends, and does not hold the standard input and output, whose ends mean something. Its
 * process ID, or a negative errno. */
static pid_t
start_engine(const char *const options[], const int fds[], guint n)
{
    g_autofree char *program = wgw_program_path("wg-wrap-engine");
    WGW_AUTOCLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    pid_t pid;

    g_ptr_array_add(argv, g_strdup("wg-wrap-engine"));
    for (guint i = 0; i < n; i++)
        g_ptr_array_add(argv, g_strdup_printf("--%s-fd=%d", options[i], fds[i]));
    g_ptr_array_add(argv, NULL);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        for (guint i = 0; i < n; i++) {
            if (fds[i] >= 0)
                fcntl(fds[i], F_SETFD, 0);
        }
        execv(program, (char **)argv->pdata);
        _exit(127);
    }
    return pid < 0 ? -errno : pid;
}

/* One exchange of the configuration protocol. 0, or a negative errno: the engine's own, or ours. */
static int
configure(const struct sockaddr_un *address, socklen_t length, const WgwSecret *text)
{
    WGW_AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    char answer[64] = "";
    size_t used = 0;
    int r;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        connect(fd, (const struct sockaddr *)address, length) < 0)
        return -errno;
    r = wgw_fd_write_all(fd, wgw_secret_get_text(text), wgw_secret_get_length(text));
    if (r < 0)
        return r;
    while (!strstr(answer, "\n\n")) {
        ssize_t got = read(fd, answer + used, sizeof answer - 1 - used);

        if (got <= 0)
            return got < 0 ? -errno : -ECONNRESET;
        used += got;
        answer[used] = '\0';
    }
    if (!g_str_has_prefix(answer, "errno="))
        return -EPROTO;
    return -abs(atoi(answer + strlen("errno=")));
}

static WgwSecret *
write_uapi(const KeyPair *server, const KeyPair *client)
{
    WgwSecret *text = wgw_secret_new("set=1\nprivate_key=", -1);

    wgw_secret_append_hex(text, server->private_key, WGW_KEY_LEN);
    wgw_secret_append(text, "\nreplace_peers=true\npublic_key=", -1);
    wgw_secret_append_hex(text, client->public_key, WGW_KEY_LEN);
    wgw_secret_append(text, "\nallowed_ip=" WGW_DEMO_CLIENT "/32\n\n", -1);
    return text;
}

static char *
write_config(const KeyPair *server, const KeyPair *client, guint16 port)
{
    char private_key[WGW_KEY_BASE64_LEN + 1];
    char public_key[WGW_KEY_BASE64_LEN + 1];
    char *config;

    wgw_key_to_base64(client->private_key, private_key);
    wgw_key_to_base64(server->public_key, public_key);
    config = g_strdup_printf("# The peer is wg-wrap-demo-peer on this machine; its page: "
                             "http://" WGW_DEMO_SERVER "/\n"
                             "[Interface]\n"
                             "PrivateKey = %s\n"
                             "Address = " WGW_DEMO_CLIENT "/32\n"
                             "MTU = %d\n"
                             "\n"
                             "[Peer]\n"
                             "PublicKey = %s\n"
                             "Endpoint = 127.0.0.1:%u\n"
                             "AllowedIPs = " WGW_DEMO_SERVER "/32\n",
                             private_key, MTU_BYTES, public_key, port);
    explicit_bzero(private_key, sizeof private_key);
    return config;
}

/* Start the engine in the box, and tell it its keys. */
static pid_t
run_engine(
    struct ns_box *box, int udp, const KeyPair *server, const KeyPair *client, GError **error)
{
    static const char *const options[] = {"tun", "udp4", "udp6", "uapi", "public-uapi", "event"};
    g_autoptr(WgwSecret) text = write_uapi(server, client);
    WGW_AUTOCLOSE int uapi = -1;
    WGW_AUTOCLOSE int public_uapi = -1;
    WGW_AUTOCLOSE int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct sockaddr_un ignored;
    struct sockaddr_un address = {0};
    socklen_t length = 0;
    pid_t pid;
    int r;

    public_uapi = make_listener(&ignored, &length);
    uapi = make_listener(&address, &length);
    if (event < 0 || public_uapi < 0 || uapi < 0) {
        set_errno(error, event < 0 ? -errno : MIN(public_uapi, uapi), _("The engine's sockets"));
        return -1;
    }
    pid = start_engine(options, (int[]){box->tun, udp, -1, uapi, public_uapi, event},
                       G_N_ELEMENTS(options));
    if (pid < 0) {
        set_errno(error, pid, _("The engine"));
        return -1;
    }
    /* Else connecting to an engine that could not be started would wait for an answer. */
    wgw_fd_close(&uapi);
    r = configure(&address, length, text);
    if (r < 0) {
        set_errno(error, r, _("The engine could not be configured"));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return -1;
    }
    return pid;
}

gboolean
wgw_demo_peer_start(WgwDemoPeer *ret_peer, GError **error)
{
    struct ns_box box = NS_BOX_INIT;
    guint16 port = 0;
    WGW_AUTOCLOSE int udp = make_udp(&port);
    KeyPair server;
    KeyPair client;
    pid_t engine = -1;
    int r;

    if (udp < 0)
        return set_errno(error, udp, _("A UDP socket"));
    generate(&server);
    generate(&client);
    if (build_box(&box, error))
        engine = run_engine(&box, udp, &server, &client, error);
    if (engine > 0)
        ret_peer->config = write_config(&server, &client, port);
    explicit_bzero(&server, sizeof server);
    explicit_bzero(&client, sizeof client);
    if (engine < 0)
        return FALSE;
    ret_peer->engine = engine;
    r = ns_lockdown(UINT64_C(1) << CAP_NET_BIND_SERVICE);
    if (r < 0) {
        wgw_demo_peer_clear(ret_peer);
        return set_errno(error, r, _("Capabilities could not be dropped"));
    }
    return TRUE;
}

void
wgw_demo_peer_clear(WgwDemoPeer *peer)
{
    if (peer->engine > 0) {
        /* It has nothing to put in order, and must not keep us from ending. */
        kill(peer->engine, SIGKILL);
        waitpid(peer->engine, NULL, 0);
        peer->engine = 0;
    }
    if (peer->config)
        explicit_bzero(peer->config, strlen(peer->config));
    g_clear_pointer(&peer->config, g_free);
}
