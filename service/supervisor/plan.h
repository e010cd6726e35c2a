/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "namespace/box.h"
#include "profile/config.h"

/* A configuration as the namespace room wants it. The prefixes are the plan's, the rest is lent by
 * the config and by @hidden. */
typedef struct {
    struct ns_plan plan;
    struct ns_prefix *prefixes;
} WgwPlan;

/* What an MTU may be: from what every host takes (RFC 791) to IP's own limit. */
#define WGW_PLAN_MIN_MTU 576
#define WGW_PLAN_MAX_MTU 65535

/* wgw_plan_init - @path_mtu stands in for a profile without MTU=, and @fallback_dns (WgwAddress), which
 * may be NULL, for one without DNS=. Clear with wgw_plan_clear. */
void wgw_plan_init(WgwPlan *plan,
                   const WgwConfig *config,
                   guint path_mtu,
                   const char *hidden,
                   const GArray *fallback_dns);
void wgw_plan_clear(WgwPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WgwPlan, wgw_plan_clear)

/* wgw_error_from_ns - a failure of the namespace room as one of the contract. */
GError *wgw_error_from_ns(const struct ns_failure *failure);
