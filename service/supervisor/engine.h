/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

#include "supervisor/uapi-client.h"

/* The engine's keeper: starts wg-wrap-engine, tells it its configuration, and when it ends without
 * being asked starts another with the same TUN and the same sockets, which is told the same. */
typedef struct _WgwEngine WgwEngine;

/* From an engine's end to another one's start. A peer takes no two initiations of a handshake within
 * 20 ms, nor two with the same timestamp, which WireGuard counts in steps of 17 ms. The former may have
 * sent one as its last act; if the next one's were refused, it would be 5 s until another. */
#define WGW_ENGINE_PAUSE_MS 40

/* How its descriptors are numbered in the engine. */
enum {
    WGW_ENGINE_TUN = 3,
    WGW_ENGINE_UDP4,
    WGW_ENGINE_UDP6,
    WGW_ENGINE_UAPI,
    WGW_ENGINE_PUBLIC_UAPI,
    WGW_ENGINE_EVENT,
    WGW_ENGINE_LEGACY, /* of which it knows nothing: it has it for a successor of ours */
};

typedef struct {
    /* A handshake was made or is missing: ask wgw_engine_get_async. */
    void (*event)(gpointer user_data);
    /* The process has changed: 0, there is none now. */
    void (*pid_changed)(pid_t pid, gpointer user_data);
    /* The whole configuration, for an engine that knows nothing. (transfer full) */
    WgwSecret *(*configuration)(gpointer user_data);
    /* It has taken it; or (error lent) it has not, or none could be started. Before the first success
     * that is final, and nothing more is tried; later, another one is. */
    void (*configured)(gpointer user_data);
    void (*failed)(const GError *error, gpointer user_data);
} WgwEngineCallbacks;

/* wgw_engine_new - descriptors are taken, -1 for a socket that could not be made; @legacy (lent) outlives
 * it; @directory is a descriptor of the session's (lent), where "engine" will be. NULL with @error set. */
WgwEngine *wgw_engine_new(int tun,
                          int udp4,
                          int udp6,
                          int legacy,
                          int directory,
                          const WgwEngineCallbacks *callbacks,
                          gpointer user_data,
                          GError **error);

/* wgw_engine_start - the first engine. FALSE with @error set if the program cannot be executed. */
gboolean wgw_engine_start(WgwEngine *engine, GError **error);

/* wgw_engine_halt - kill and reap the process, and start no other. wgw_engine_resume - start one after
 * all. */
void wgw_engine_halt(WgwEngine *engine);
void wgw_engine_resume(WgwEngine *engine);

/* wgw_engine_stop - for good. Kills and reaps the process, frees the keeper. */
void wgw_engine_stop(WgwEngine *engine);

/* wgw_engine_get_pid - 0: there is none now. */
pid_t wgw_engine_get_pid(WgwEngine *engine);

/* wgw_engine_reaped - a child of ours has ended. FALSE if it was not the engine. */
gboolean wgw_engine_reaped(WgwEngine *engine, pid_t pid, int status);

/* wgw_engine_set_async - tell the engine something (@request is taken). Finish with
 * wgw_uapi_set_finish. */
void wgw_engine_set_async(WgwEngine *engine,
                          WgwSecret *request,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/* wgw_engine_get_async - ask for the peers. Finish with wgw_uapi_get_finish. */
void wgw_engine_get_async(WgwEngine *engine, GAsyncReadyCallback callback, gpointer user_data);
