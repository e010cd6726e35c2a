/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <sys/types.h>

/* Whose wg0 is. The kernel lets everybody attach to a TUN device that has no owner and that nobody holds, be
 * it without a capability: so could a program, once engine and supervisor were killed. A device that is
 * somebody else's needs CAP_NET_ADMIN. In a session there is nobody else to name, so a child stays behind in
 * the host's user namespace for that, where there is root. */

struct ns_owner {
    pid_t child; /* -1: none */
    int socket;
};
#define NS_OWNER_INIT              \
    {                              \
        .child = -1, .socket = -1, \
    }

/* ns_owner_stay - leave a child behind. Before ns_box_unshare. It ends with us, or once it is done. */
struct ns_owner ns_owner_stay(void);

/* ns_owner_give - have the device be root's. Where this cannot be had, as in a user namespace without a
 * root, it stays without an owner: packets have no other way out for that. */
void ns_owner_give(struct ns_owner *owner, int tun);
