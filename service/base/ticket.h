/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>

/* What may happen once at most, between two processes of which each may die or be stopped: a descriptor that
 * both have, and who takes the ticket behind it decides. */

/* wgw_ticket_new - a ticket that nobody has taken. The descriptor (O_CLOEXEC), or a negative errno. */
int wgw_ticket_new(void);

/* wgw_ticket_take - whether it was there; then it is no more, for whoever comes after. */
bool wgw_ticket_take(int ticket);

/* wgw_ticket_give_back - what was taken. */
void wgw_ticket_give_back(int ticket);
