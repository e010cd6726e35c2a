/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "base/ticket.h"

#include <errno.h>
#include <sys/eventfd.h>

int
wgw_ticket_new(void)
{
    int ticket = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

    return ticket < 0 ? -errno : ticket;
}

bool
wgw_ticket_take(int ticket)
{
    eventfd_t count;

    return eventfd_read(ticket, &count) == 0;
}

void
wgw_ticket_give_back(int ticket)
{
    eventfd_write(ticket, 1);
}
