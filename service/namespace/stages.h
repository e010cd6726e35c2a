/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* The stages of building a box, in their order, as failures name them. */
extern const char NS_STAGE_UNSHARE[];
extern const char NS_STAGE_IDMAP[];
extern const char NS_STAGE_TUN[];
extern const char NS_STAGE_NETWORK[];
extern const char NS_STAGE_MOUNTS[];
extern const char NS_STAGE_ANCHOR[];
extern const char NS_STAGE_LOCKDOWN[];
