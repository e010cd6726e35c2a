/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/legacy.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "profile/config.h"
#include "supervisor/plan.h"

/* The first line. The rest is the text. */
#define FIRST_LINE "%5u\n"
#define FIRST_SIZE 6

/* The mode says whether all of it is there: its writer may be killed at any moment. */
enum { INCOMPLETE = 0, COMPLETE = 0400 };

int
wgw_legacy_new(void)
{
    return memfd_create("wg-wrap", MFD_CLOEXEC);
}

int
wgw_legacy_write(int fd, const WgwSecret *text, guint path_mtu)
{
    char first[FIRST_SIZE + 1];
    int r;

    g_snprintf(first, sizeof first, FIRST_LINE, path_mtu);
    if (fchmod(fd, INCOMPLETE) < 0 || ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return -errno;
    r = wgw_fd_write_all(fd, first, FIRST_SIZE);
    if (r == 0)
        r = wgw_fd_write_all(fd, wgw_secret_get_text(text), wgw_secret_get_length(text));
    if (r == 0 && fchmod(fd, COMPLETE) < 0)
        r = -errno;
    return r;
}

WgwSecret *
wgw_legacy_read(int fd, guint *ret_path_mtu)
{
    g_autoptr(WgwSecret) all = NULL;
    struct stat st;
    guint64 path_mtu;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 0777) != COMPLETE)
        return NULL;
    all = wgw_secret_read(fd, FIRST_SIZE + WGW_CONFIG_MAX_SIZE, NULL);
    if (!all || wgw_secret_get_length(all) < FIRST_SIZE)
        return NULL;
    path_mtu = g_ascii_strtoull(wgw_secret_get_text(all), NULL, 10);
    *ret_path_mtu = (guint)CLAMP(path_mtu, WGW_PLAN_MIN_MTU, WGW_PLAN_MAX_MTU);
    return wgw_secret_new(wgw_secret_get_text(all) + FIRST_SIZE,
                          (gssize)(wgw_secret_get_length(all) - FIRST_SIZE));
}
