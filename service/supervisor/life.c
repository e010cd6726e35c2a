/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/life.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

#define HELD   "held"
#define LENGTH (sizeof "1234 " HELD "\n" - 1)

int
wgw_life_open(int directory)
{
    return openat(directory, "life", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

gboolean
wgw_life_read(int directory, WgwLife *ret_life)
{
    WGW_AUTOCLOSE int fd =
        openat(directory, "life", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char text[LENGTH + 1] = "";
    guint linger;
    char word[sizeof HELD];

    if (fd < 0 || read(fd, text, LENGTH) != LENGTH || sscanf(text, "%4u %4s", &linger, word) != 2)
        return FALSE;
    ret_life->linger = MIN(linger, WGW_LIFE_MAX_LINGER);
    ret_life->held = strcmp(word, HELD) == 0;
    return TRUE;
}

int
wgw_life_write(int fd, const WgwLife *life)
{
    char text[LENGTH + 1];

    g_snprintf(text, sizeof text, "%4u %-4s\n", MIN(life->linger, WGW_LIFE_MAX_LINGER),
               life->held ? HELD : "free");
    return pwrite(fd, text, LENGTH, 0) < 0 ? -errno : 0;
}
