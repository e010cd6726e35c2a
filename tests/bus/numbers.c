/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "dbus/numbers.h"

#include <glib.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, PROCESSES = 2000 };

static pthread_barrier_t barrier;

static void *
read_number(void *data)
{
    guint64 number;

    pthread_barrier_wait(&barrier);
    if (!g_ascii_string_to_unsigned("32", 10, 0, 32, &number, NULL) || number != 32)
        _exit(EXIT_FAILURE);
    return NULL;
}

/* One that has read none before. Without wgw_numbers_use, three in a thousand fail. */
G_NORETURN static void
run_process(void)
{
    pthread_t threads[THREADS];

    wgw_numbers_use();
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (guint i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, read_number, NULL);
    for (guint i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    _exit(EXIT_SUCCESS);
}

static guint
count_failures(void)
{
    guint failures = 0;

    for (guint i = 0; i < PROCESSES; i++) {
        pid_t process = fork();
        int status;

        if (process == 0)
            run_process();
        if (process < 0 || waitpid(process, &status, 0) != process || status != 0)
            failures++;
    }
    return failures;
}

static void
threads_read_their_first_number_at_once(gconstpointer failures)
{
    g_assert_cmpuint(GPOINTER_TO_UINT(failures), ==, 0);
}

int
main(int argc, char **argv)
{
    /* GTest reads numbers itself. */
    guint failures = count_failures();

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/threads-read-their-first-number-at-once", GUINT_TO_POINTER(failures),
                         threads_read_their_first_number_at_once);
    return g_test_run();
}
