/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdint.h>

#include "engine/text.h"
#include "wireguard/device.h"

/* The cross-platform configuration protocol (https://www.wireguard.com/xplatform/): lines in, text out,
 * over a device; no socket. */

enum uapi_access {
    UAPI_PLAIN,      /* all of the protocol */
    UAPI_SUPERVISOR, /* and waiting_since_sec of each peer */
    UAPI_PUBLIC, /* that too, but without private and preshared keys; set is refused with EPERM */
};

/* What lies around the device. */
struct uapi_host {
    struct wg_device *device;
    void *context;
    void (*lock)(void *context);
    void (*unlock)(void *context);
    struct wg_time (*now)(void *context);
    uint16_t (*get_listen_port)(void *context);
    int (*set_listen_port)(void *context, uint16_t port); /* 0: any */
    uint32_t (*get_fwmark)(void *context);
    int (*set_fwmark)(void *context, uint32_t fwmark); /* 0: none */
    /* The index of an interface where the sockets are; 0: there is none of this name. */
    unsigned (*get_interface)(void *context, const char *name);
    void (*told)(void *context); /* a whole set was taken */
};

enum uapi_operation { UAPI_NONE, UAPI_GET, UAPI_SET };

/* One client's conversation. Begin with host and access, the rest zero. */
struct uapi {
    const struct uapi_host *host;
    enum uapi_access access;

    enum uapi_operation operation;
    int error; /* the first one of this operation: what follows is read over */
    bool has_peer;
    bool is_ignored; /* the peer: ourselves, removed, or not there with update_only */
    bool update_only;
    uint8_t public_key[WG_KEY_LEN]; /* of the peer that the lines are about */
};

enum { UAPI_LINE_MAX = 256 }; /* the longest line that means anything is much shorter */

/* uapi_line - the next line, without its end. What there is to answer is added to answer. A change is
 * made line by line, as each comes, as wireguard-go does. -EPROTO: this is no client of ours, hang up. */
int uapi_line(struct uapi *uapi, char *line, struct text *answer);

/* uapi_end - the client is gone, perhaps in the middle of something. */
void uapi_end(struct uapi *uapi);

/* ---- Shared by the files of this concept ---- */

/* uapi_set - one line of a set operation. 0, -EINVAL, or what the host or the device says. */
int uapi_set(struct uapi *uapi, const char *key, const char *value);

/* uapi_finish_peer - there are no more lines about it. */
void uapi_finish_peer(struct uapi *uapi);

/* uapi_get - the answer to a get operation, but for its errno. */
int uapi_get(struct uapi *uapi, struct text *answer);
