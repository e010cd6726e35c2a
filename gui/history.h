/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* The throughput of the last ten minutes, from two counters. */

/* How far back, in samples; one is taken each second. */
#define WGW_HISTORY_LENGTH 600

typedef struct {
    double rx; /* bytes per second */
    double tx;
} WgwSample;

/* All zeros is one that knows nothing. */
typedef struct {
    WgwSample
        *samples; /* a ring; samples[next - 1] is the newest. NULL, as of most of hundreds: none */
    guint next;
    gint64 at; /* of the counters below; 0: not yet */
    guint64 rx_bytes;
    guint64 tx_bytes;
} WgwHistory;

/* wgw_history_add - what the counters are at the time @now, monotonic, in µs. */
void wgw_history_add(WgwHistory *history, gint64 now, guint64 rx_bytes, guint64 tx_bytes);

/* wgw_history_get - the throughput @age samples ago, zeros beyond what is known. */
WgwSample wgw_history_get(const WgwHistory *history, guint age);

void wgw_history_clear(WgwHistory *history);
