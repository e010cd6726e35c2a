/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* How an application would be launched in a tunnel, in words for people. */
typedef struct {
    gboolean private_bus;
    gboolean private_data;
    gboolean running_outside;
    gboolean has_launcher;
    char *recipe; /* "": none */
} WgwLaunchPlan;

/* wgw_launch_plan_new - @reply is (a{sv}), of Profile.DescribeLaunch(). Free with wgw_launch_plan_free. */
WgwLaunchPlan *wgw_launch_plan_new(GVariant *reply);
void wgw_launch_plan_free(WgwLaunchPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwLaunchPlan, wgw_launch_plan_free)

/* wgw_launch_plan_is_risky - whether a copy that runs outside may take over what is launched. */
gboolean wgw_launch_plan_is_risky(const WgwLaunchPlan *plan);

/* How it is kept apart: in a word or two, and what that means to the person. Static. */
const char *wgw_launch_plan_get_title(const WgwLaunchPlan *plan);
const char *wgw_launch_plan_get_words(const WgwLaunchPlan *plan);

/* wgw_launch_plan_get_copy_words - what the copy outside means. Static. */
const char *wgw_launch_plan_get_copy_words(const WgwLaunchPlan *plan);
