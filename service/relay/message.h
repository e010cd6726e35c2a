/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdint.h>

/* What the supervisor and the relay say to each other, on a SOCK_SEQPACKET socket pair. Whoever closes
 * it ends the relay with all that goes through it. */

enum relay_direction {
    RELAY_FORWARD, /* from a port of the session's loopback to the same of the host's */
    RELAY_PUBLISH, /* from a port of the host's loopback to the same of the session's */
};

enum relay_verb {
    RELAY_OPEN,  /* to the relay. FORWARD: with a listening socket of the session's, one for each
                  * family. PUBLISH: listen; answered with the same and an error, or 0 */
    RELAY_SHUT,  /* to the relay: listen no more; connections go on */
    RELAY_SOCKET /* to the supervisor: a socket of that family is wanted, to connect in the session;
                  * answered, in order, with one or an error */
};

struct relay_message {
    uint8_t verb;      /* enum relay_verb */
    uint8_t direction; /* enum relay_direction */
    uint16_t port;     /* host order */
    int32_t family;    /* AF_INET or AF_INET6 */
    int32_t error;     /* an errno, 0 for none */
};

/* relay_message_send - with the descriptor fd, lent, unless it is -1. 0 or a negative errno. */
int relay_message_send(int sock, const struct relay_message *message, int fd);

/* relay_message_receive - *ret_fd is the caller's, or -1. 0, or a negative errno: -ECONNRESET once the
 * other end is closed, -EAGAIN when there is nothing now. */
int relay_message_receive(int sock, struct relay_message *ret_message, int *ret_fd);
