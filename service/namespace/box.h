/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "namespace/failure.h"

/* A session's box: a user, a mount and a network namespace with lo, wg0 and nothing else. */

struct ns_prefix {
    uint8_t family; /* AF_INET or AF_INET6 */
    uint8_t bits;
    uint8_t address[16]; /* network order; 4 bytes for AF_INET */
};

/* What is inside; all lent. */
struct ns_plan {
    unsigned mtu; /* bytes */
    const struct ns_prefix *addresses;
    size_t n_addresses;
    const struct ns_prefix *routes; /* into the tunnel */
    size_t n_routes;
    const struct ns_prefix *dns; /* none: names fail at once */
    size_t n_dns;
    const char *const *search; /* NULL-terminated, or NULL */
    const char *hidden;        /* a directory that shall be seen empty, or NULL */
};

/* What the builder keeps. Descriptors are O_CLOEXEC; -1 where there is none. */
struct ns_box {
    int tun;  /* wg0, persistent until ns_box_end */
    int etc;  /* the session's /etc, still writable: for ns_box_set_dns */
    int user; /* the namespaces */
    int mount;
    int net;
};
#define NS_BOX_INIT                                              \
    {                                                            \
        .tun = -1, .etc = -1, .user = -1, .mount = -1, .net = -1 \
    }

/* Not "tun0": Chromium takes a machine whose interfaces are all called "tun…" for one that is offline,
 * and tells pages so (navigator.onLine). */
#define NS_INTERFACE "wg0"
/* Where the engine's public UAPI socket is looked for inside, by wg(8). */
#define NS_WIREGUARD_DIRECTORY "/run/wireguard"

/* ns_box_unshare - the first stages: leave the host's namespaces, and be the same user and group as
 * before in the new ones. Only for a process with one thread. UDP sockets are born before, what shall
 * belong to the session after. 0, or a negative errno with failure filled. */
int ns_box_unshare(struct ns_failure *failure);

/* ns_box_build - the other stages: network, then mounts, as plan says. The directory
 * /run/wireguard is made, empty; a socket may be bound there until ns_box_seal. On failure what was
 * made goes with the process. */
int ns_box_build(const struct ns_plan *plan, struct ns_box *ret_box, struct ns_failure *failure);

/* ns_box_enter - in place of ns_box_unshare, for who takes over a box that has lost its keeper: enter
 * its namespaces, with every capability there (setns(2)). Only for a process with one thread. */
int ns_box_enter(int user, int mount, int net, struct ns_failure *failure);

/* ns_box_take_over - in place of ns_box_build: attach to wg0, which nobody may hold any more (EBUSY).
 * /run is writable until ns_box_seal. A session's /etc that is not an overlay stays as it is: then
 * ns_box_set_dns fails. */
int ns_box_take_over(struct ns_box *ret_box, struct ns_failure *failure);

/* ns_box_seal - make the session's /run read-only. */
int ns_box_seal(struct ns_failure *failure);

/* ns_box_set_network - change a built box over from one plan to another: MTU, addresses and routes, by
 * difference, so that what stays is not touched. On failure everything is as before, as far as the
 * kernel lets. Needs CAP_NET_ADMIN. */
int ns_box_set_network(const struct ns_plan *from,
                       const struct ns_plan *to,
                       struct ns_failure *failure);

/* ns_box_set_dns - write resolv.conf and nsswitch.conf anew. */
int
ns_box_set_dns(const struct ns_box *box, const struct ns_plan *plan, struct ns_failure *failure);

/* ns_box_end - give up wg0 and close the descriptors. The namespaces go with their last process. */
void ns_box_end(struct ns_box *box);
