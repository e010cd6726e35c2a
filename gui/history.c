/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/history.h"

void
wgw_history_add(WgwHistory *history, gint64 now, guint64 rx_bytes, guint64 tx_bytes)
{
    double seconds = (double)(now - history->at) / G_USEC_PER_SEC;
    WgwSample *sample;

    if (!history->samples)
        history->samples = g_new0(WgwSample, WGW_HISTORY_LENGTH);
    sample = &history->samples[history->next];
    *sample = (WgwSample){0};
    /* Counters begin anew with a session; what was before the first sample is nobody's rate. */
    if (history->at > 0 && seconds > 0 && rx_bytes >= history->rx_bytes &&
        tx_bytes >= history->tx_bytes) {
        sample->rx = (double)(rx_bytes - history->rx_bytes) / seconds;
        sample->tx = (double)(tx_bytes - history->tx_bytes) / seconds;
    }
    history->at = now;
    history->rx_bytes = rx_bytes;
    history->tx_bytes = tx_bytes;
    history->next = (history->next + 1) % WGW_HISTORY_LENGTH;
}

WgwSample
wgw_history_get(const WgwHistory *history, guint age)
{
    if (age >= WGW_HISTORY_LENGTH || !history->samples)
        return (WgwSample){0};
    return history->samples[(history->next + WGW_HISTORY_LENGTH - 1 - age) % WGW_HISTORY_LENGTH];
}

void
wgw_history_clear(WgwHistory *history)
{
    g_free(history->samples);
    *history = (WgwHistory){0};
}
