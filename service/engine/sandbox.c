/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#define HAS_FEATURE(feature) __has_feature(feature)
#else
#define HAS_FEATURE(feature) 0
#endif

/* Sanitizers read /proc, start threads and stop the others: they cannot work inside. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||   \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer) || \
    HAS_FEATURE(memory_sanitizer)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

/* Grouped by who makes them. */
static const int calls[] = {
    /* tun.c */
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(writev),
    /* udp.c */
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(getsockname),
    /* loop.c, control.c, watch.c */
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(accept4),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(close),
    /* engine.c, alone.c: timer, events, signals, inotify */
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(clock_gettime),
    /* memory and randomness, for the C library and those of cryptography */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    SCMP_SYS(getrandom),
    /* threads: locks, and the end */
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(tgkill),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Memory that is no code: in both, the third argument is what it is to be. */
static const int calls_for_data[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

static const int calls_alone[] = {
    SCMP_SYS(socket), SCMP_SYS(bind), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt),
    SCMP_SYS(fcntl),  SCMP_SYS(dup3), SCMP_SYS(unlinkat),
};

int
sandbox_drop_privileges(enum sandbox_kind kind)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    uint32_t keep = 0;

    if (kind == SANDBOX_ALONE)
        keep = 1u << CAP_NET_ADMIN | 1u << CAP_NET_BIND_SERVICE;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
        syscall(SYS_capget, &header, data) < 0)
        return -errno;
    for (unsigned i = 0; i < sizeof data / sizeof *data; i++) {
        data[i].effective = data[i].permitted &= i == 0 ? keep : 0;
        data[i].inheritable = 0;
    }
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int
allow(scmp_filter_ctx filter, const int *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, list[i], 0);

        if (r < 0)
            return r;
    }
    return 0;
}

static int
allow_for_data(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof calls_for_data / sizeof *calls_for_data; i++) {
        int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls_for_data[i], 1,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

        if (r < 0)
            return r;
    }
    return 0;
}

/* An interface's number, for a link-local endpoint. */
static int
allow_for_interfaces(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                            SCMP_A1(SCMP_CMP_EQ, SIOCGIFINDEX));
}

int
sandbox_close(enum sandbox_kind kind)
{
    scmp_filter_ctx filter;
    int r;

    if (IS_SANITIZED)
        return 0;
    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return -ENOMEM;
    r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    /* A binary search over the calls, for the list is walked at every one. */
    if (r == 0)
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (r == 0)
        r = allow(filter, calls, sizeof calls / sizeof *calls);
    if (r == 0)
        r = allow_for_data(filter);
    if (r == 0)
        r = allow_for_interfaces(filter);
    if (r == 0 && kind == SANDBOX_ALONE)
        r = allow(filter, calls_alone, sizeof calls_alone / sizeof *calls_alone);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r;
}
