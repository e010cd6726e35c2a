/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* The errors of the contract. Each has a D-Bus name, org.wgwrap.WgWrap1.Error.NAME, so a GError of
 * this domain crosses the bus in both directions unchanged. A message is one or two sentences:
 * what happened, then what to do. */
#define WGW_ERROR (wgw_error_quark())

typedef enum {
    WGW_ERROR_FAILED,           /* anything without a name of its own */
    WGW_ERROR_INVALID_ARGUMENT, /* the caller's option or argument is unusable */
    WGW_ERROR_INVALID_PROFILE,  /* the configuration has a mistake; message has line:column */
    WGW_ERROR_NO_SUCH_PROFILE,
    WGW_ERROR_PROFILE_EXISTS,
    WGW_ERROR_NO_SUCH_SESSION,
    WGW_ERROR_NO_SUCH_APPLICATION, /* no desktop entry, or no default handler */
    WGW_ERROR_NOT_PERMITTED,
    WGW_ERROR_NAMESPACES_UNAVAILABLE, /* user namespaces are off */
    WGW_ERROR_NO_TUN_DEVICE,          /* /dev/net/tun missing or closed */
    WGW_ERROR_ENDPOINT_UNRESOLVED,
    WGW_ERROR_HANDSHAKE_TIMEOUT,
    WGW_ERROR_SPAWN_FAILED,  /* the program could not be started */
    WGW_ERROR_BUSY,          /* in use by something else: a port, a running session */
    WGW_ERROR_LIMIT_REACHED, /* processes, descriptors, namespaces, disk */
    WGW_ERROR_CLOSED,        /* the session ended while it was asked */
} WgwError;

#define WGW_N_ERRORS (WGW_ERROR_CLOSED + 1)

/* wgw_error_quark - the domain; the first call registers the D-Bus names. */
GQuark wgw_error_quark(void);

/* wgw_error_code_of - what a system call's error is called here. */
WgwError wgw_error_code_of(int error);

/* wgw_error_advice_on - a sentence about what to do, translated. */
const char *wgw_error_advice_on(int error);
