/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "wireguard/device.h"

/* What goes to a peer, as the files of this room share it. All of it lands in the outbox. */

/* wg_message_new - with room for len bytes, zeroed. NULL: no memory. */
struct wg_message *wg_message_new(size_t len);

/* wg_outbox_add - takes over the message. */
void wg_outbox_add(struct wg_device *device, struct wg_message *message);

/* wg_send_initiation - unless a handshake was sent less than 5 s ago, or there is nowhere to send it
 * to, or no key to make it with. */
void wg_send_initiation(struct wg_peer *peer, struct wg_time now, bool is_retry);

/* wg_send_response - to the initiation that was just consumed, and begin the session. 0, -ENOMEM,
 * -EKEYREJECTED. */
int wg_send_response(struct wg_peer *peer, struct wg_time now);

/* wg_send_keepalive - or the staged packets, which say as much; without a key, begin a handshake. */
void wg_send_keepalive(struct wg_peer *peer, struct wg_time now);

/* wg_send_staged - all of them if there is a key, else see to a handshake. */
void wg_send_staged(struct wg_peer *peer, struct wg_time now);
void wg_send_drop_staged(struct wg_peer *peer);

/* wg_begin_session - the handshake is complete: derive keys, and put them in their place. */
int wg_begin_session(struct wg_peer *peer, struct wg_time now);
