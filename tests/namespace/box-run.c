/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* box-run [--no-dns] [--hide=DIR] COMMAND…: build a box as a supervisor does, and run
 * COMMAND in it as a program of the session. Prints a failure as "STAGE: DETAIL: ERROR: ADVICE". Then
 * `build-us=N` on descriptor 3, if it is open. */

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "namespace/box.h"
#include "namespace/enter.h"

static int
report(const struct ns_failure *failure)
{
    fprintf(stderr, "%s: %s: %s: %s\n", failure->stage, failure->detail, strerror(failure->error),
            failure->advice);
    return 125;
}

static struct ns_prefix
prefix(int family, const char *address, unsigned bits)
{
    struct ns_prefix result = {.family = (uint8_t)family, .bits = (uint8_t)bits};

    inet_pton(family, address, result.address);
    return result;
}

static long
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        {"no-dns", no_argument, NULL, 'n'}, {"hide", required_argument, NULL, 'h'}, {0}};
    struct ns_prefix addresses[] = {prefix(AF_INET, "10.6.0.2", 32),
                                    prefix(AF_INET6, "fd06::2", 128)};
    struct ns_prefix routes[] = {prefix(AF_INET, "0.0.0.0", 0), prefix(AF_INET6, "::", 0)};
    struct ns_prefix dns[] = {prefix(AF_INET, "10.6.0.1", 32), prefix(AF_INET6, "fd06::1", 128)};
    const char *const search[] = {"corp.example", "lab.example", NULL};
    struct ns_plan plan = {
        .mtu = 1420,
        .addresses = addresses,
        .n_addresses = 2,
        .routes = routes,
        .n_routes = 2,
        .dns = dns,
        .n_dns = 2,
        .search = search,
    };
    struct ns_box box = NS_BOX_INIT;
    struct ns_failure failure;
    pid_t child;
    int option, status;
    long begin = now_us();

    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option == 'n')
            plan.n_dns = 0;
        else if (option == 'h')
            plan.hidden = optarg;
        else
            return 2;
    }
    if (ns_box_unshare(&failure) < 0 || ns_box_build(&plan, &box, &failure) < 0 ||
        ns_box_seal(&failure) < 0)
        return report(&failure);
    dprintf(3, "build-us=%ld\n", now_us() - begin);

    child = fork();
    if (child == 0) {
        if (ns_lockdown(NS_KEEP_NOTHING) < 0)
            _exit(125);
        execvp(argv[optind], argv + optind);
        _exit(127);
    }
    waitpid(child, &status, 0);
    ns_box_end(&box);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
