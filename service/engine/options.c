/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "config.h"
#include "engine/tun.h"
#include "engine/udp.h"

static const char help[] =
    "Usage: wg-wrap-engine [-f|--foreground] INTERFACE\n"
    "       wg-wrap-engine --tun-fd=N --udp4-fd=N --udp6-fd=N --uapi-fd=N\n"
    "                      --public-uapi-fd=N --event-fd=N [--route-fd=N]\n"
    "\n"
    "WireGuard. Alone, it makes the interface and /var/run/wireguard/INTERFACE.sock for wg(8), and\n"
    "goes to the background; $LOG_LEVEL is silent, error, verbose or debug. With descriptors, it is\n"
    "the engine of a session, and -1 stands for one that there is not.\n"
    "\n"
    "  --route-fd=N           an rtnetlink socket that tells of changes where the UDP sockets are\n"
    "  --without=WHAT,...     for tests: do as if the kernel had none of vnet-header, tso, uso,\n"
    "                         gso, gro; gso-fails; or run without sandbox\n";

/* What --without takes. */
static const struct {
    const char *name;
    unsigned tun, udp;
    bool sandbox;
} refusals[] = {
    {"vnet-header", .tun = TUN_WITHOUT_HEADER},
    {"tso", .tun = TUN_WITHOUT_TSO},
    {"uso", .tun = TUN_WITHOUT_USO},
    {"gso", .udp = UDP_WITHOUT_GSO},
    {"gro", .udp = UDP_WITHOUT_GRO},
    {"gso-fails", .udp = UDP_GSO_FAILS},
    {"sandbox", .sandbox = true},
};

static int
parse_without(struct options *options, char *list)
{
    for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
        size_t i = 0;

        while (i < sizeof refusals / sizeof *refusals && strcmp(name, refusals[i].name) != 0)
            i++;
        if (i == sizeof refusals / sizeof *refusals)
            return -EINVAL;
        options->tun_refusals |= refusals[i].tun;
        options->udp_refusals |= refusals[i].udp;
        options->without_sandbox |= refusals[i].sandbox;
    }
    return 0;
}

static int
parse_fd(const char *text, int *ret_fd)
{
    char *end;
    long fd;

    errno = 0;
    fd = strtol(text, &end, 10);
    if (errno || *end || end == text || fd < -1 || fd > INT_MAX)
        return -EINVAL;
    *ret_fd = (int)fd;
    return 0;
}

static int
complain(const char *about)
{
    fprintf(stderr, "wg-wrap-engine: %s; see --help\n", about);
    return -EINVAL;
}

/* What the kernel would take for an interface's name; an empty one, it would choose itself. */
static bool
is_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < IF_NAMESIZE && !strchr(name, '/') && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

int
options_parse(struct options *options, int argc, char **argv)
{
    enum { FOREGROUND = 'f', FD = 256, WITHOUT, HELP, VERSION };
    static const struct option names[] = {
        {"foreground", no_argument, NULL, FOREGROUND},
        {"tun-fd", required_argument, NULL, FD},
        {"udp4-fd", required_argument, NULL, FD},
        {"udp6-fd", required_argument, NULL, FD},
        {"uapi-fd", required_argument, NULL, FD},
        {"public-uapi-fd", required_argument, NULL, FD},
        {"event-fd", required_argument, NULL, FD},
        {"route-fd", required_argument, NULL, FD},
        {"without", required_argument, NULL, WITHOUT},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {0},
    };
    int option, index;

    *options = (struct options){
        .tun_fd = -1,
        .udp4_fd = -1,
        .udp6_fd = -1,
        .uapi_fd = -1,
        .public_uapi_fd = -1,
        .event_fd = -1,
        .route_fd = -1,
    };
    int *const fds[] = {
        NULL,
        &options->tun_fd,
        &options->udp4_fd,
        &options->udp6_fd,
        &options->uapi_fd,
        &options->public_uapi_fd,
        &options->event_fd,
        &options->route_fd,
    };

    while ((option = getopt_long(argc, argv, "f", names, &index)) != -1) {
        switch (option) {
        case FOREGROUND:
            options->foreground = true;
            break;
        case FD:
            if (parse_fd(optarg, fds[index]) < 0)
                return complain("not a descriptor's number");
            break;
        case WITHOUT:
            if (parse_without(options, optarg) < 0)
                return complain("--without does not know that");
            break;
        case HELP:
            fputs(help, stdout);
            return 1;
        case VERSION:
            puts("wg-wrap-engine " WGW_VERSION);
            return 1;
        default:
            return -EINVAL;
        }
    }
    if (options->tun_fd >= 0) {
        if (optind != argc || options->uapi_fd < 0)
            return complain("--tun-fd goes with --uapi-fd, and without an interface's name");
        return 0;
    }
    if (optind + 1 != argc || !is_name(argv[optind]))
        return complain("the name of one interface is wanted");
    options->interface = argv[optind];
    return 0;
}
