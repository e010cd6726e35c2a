/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* Tells a session's programs, and prompts, which profile's it is. */
#define WGW_PROFILE_VARIABLE "WG_WRAP_PROFILE"

/* wgw_door_knock - ask the running session of the profile @name to let this process in, on the
 * socket "door" of its directory (ARCHITECTURE.md); the process is one of its programs from then
 * on. A pidfd for ns_join(), owned by the caller, O_CLOEXEC; or a negative errno: nobody is home, or
 * who is does not answer, and the service is to be asked. No thread, no D-Bus, no GLib. */
int wgw_door_knock(const char *name);

/* wgw_door_prepare - our environment is that of a program in the session of the profile @name: it says
 * so, and has the tunnel's own session bus in place of one without a path, which is out of reach. */
void wgw_door_prepare(const char *name);
