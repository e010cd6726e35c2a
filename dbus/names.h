/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* The names of the contract that generated code does not give. */
#define WGW_APPLICATION_ID "org.wgwrap.WgWrap"
/* The entry by which the desktop hands us links. */
#define WGW_LINKS_ID          WGW_APPLICATION_ID ".Links.desktop"
#define WGW_BUS_NAME          "org.wgwrap.WgWrap1"
#define WGW_OBJECT_PATH       "/org/wgwrap/WgWrap1"
#define WGW_PROFILES_PATH     WGW_OBJECT_PATH "/profiles"
#define WGW_SESSIONS_PATH     WGW_OBJECT_PATH "/sessions"
#define WGW_SEARCH_PATH       WGW_OBJECT_PATH "/Search"
#define WGW_MANAGER_INTERFACE "org.wgwrap.WgWrap1.Manager"
#define WGW_PROFILE_INTERFACE "org.wgwrap.WgWrap1.Profile"
#define WGW_SESSION_INTERFACE "org.wgwrap.WgWrap1.Session"
#define WGW_ERROR_PREFIX      "org.wgwrap.WgWrap1.Error."

/* A session's own D-Bus session bus, as its programs see it. */
#define WGW_PRIVATE_BUS_DIRECTORY "/run/wg-wrap"
#define WGW_PRIVATE_BUS_PATH      WGW_PRIVATE_BUS_DIRECTORY "/bus"
#define WGW_PRIVATE_BUS_ADDRESS   "unix:path=" WGW_PRIVATE_BUS_PATH

/* A session's mark (ARCHITECTURE.md), as its programs see it. */
#define WGW_MARK_PATH WGW_PRIVATE_BUS_DIRECTORY "/mark"

/* On a session's private connection (service/supervisor/). The version counts incompatible changes
 * of org.wgwrap.Supervisor1. */
#define WGW_SUPERVISOR_PATH      "/org/wgwrap/Supervisor1"
#define WGW_SUPERVISOR_INTERFACE "org.wgwrap.Supervisor1"
#define WGW_SUPERVISOR_VERSION   3
