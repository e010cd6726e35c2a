/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* What the engine may do once its sandbox is closed, and what ends it: each case in a process of its own. */
#include "engine/sandbox.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sanitizers' own calls are not on the list, and there is no sandbox with them. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||       \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define IS_CLOSED FALSE
#else
#define IS_CLOSED TRUE
#endif

static void
open_file(void)
{
    syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
}

static void
make_socket(void)
{
    syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
}

static void
connect_socket(void)
{
    syscall(SYS_connect, 0, NULL, 0);
}

static void
execute(void)
{
    syscall(SYS_execve, "/bin/true", NULL, NULL);
}

static void
start_process(void)
{
    if (fork() == 0)
        _exit(0);
}

static void
look_into_another(void)
{
    ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static void
map_code(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
turn_memory_into_code(void)
{
    static _Alignas(4096) char page[4096];

    mprotect(page, sizeof page, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void
look_up_interface(void)
{
    ioctl(STDIN_FILENO, SIOCGIFINDEX, NULL);
}

static void
change_interface(void)
{
    ioctl(STDIN_FILENO, SIOCSIFFLAGS, NULL);
}

static void
use_memory(void)
{
    char *volatile memory = malloc(1024 * 1024);

    memory[0] = 1;
    memory = realloc(memory, 8 * 1024 * 1024);
    free(memory);
}

static void
write_a_word(void)
{
    int ends[2];

    /* Descriptors are there already. */
    if (write(STDERR_FILENO, "", 0) < 0 || syscall(SYS_getrandom, ends, sizeof ends, 0) < 0)
        _exit(1);
}

static const struct {
    const char *name;
    void (*act)(void);
    gboolean session, alone; /* whether it may */
} cases[] = {
    {"open-file", open_file, FALSE, FALSE},
    {"make-socket", make_socket, FALSE, TRUE},
    {"connect-socket", connect_socket, FALSE, FALSE},
    {"execute", execute, FALSE, FALSE},
    {"start-process", start_process, FALSE, FALSE},
    {"look-into-another", look_into_another, FALSE, FALSE},
    {"map-code", map_code, FALSE, FALSE},
    {"turn-memory-into-code", turn_memory_into_code, FALSE, FALSE},
    {"look-up-interface", look_up_interface, TRUE, TRUE},
    {"change-interface", change_interface, FALSE, FALSE},
    {"use-memory", use_memory, TRUE, TRUE},
    {"write-a-word", write_a_word, TRUE, TRUE},
};

static void
check(void (*act)(void), enum sandbox_kind kind, gboolean may)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (sandbox_drop_privileges(kind) < 0 || sandbox_close(kind) < 0)
            _exit(2);
        act();
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    if (may || !IS_CLOSED)
        g_assert_cmpint(status, ==, 0);
    else
        g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void
test_case(gconstpointer number)
{
    gsize i = GPOINTER_TO_SIZE(number);

    check(cases[i].act, SANDBOX_SESSION, cases[i].session);
    check(cases[i].act, SANDBOX_ALONE, cases[i].alone);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/sandbox/%s", cases[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_case);
    }
    return g_test_run();
}
