/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The main thread's epoll loop. */

struct loop {
    int fd;
    bool is_stopping;
};

/* Embedded in whatever is to be called when its descriptor is ready. It may free itself in ready(). */
struct loop_source {
    int fd;
    void (*ready)(struct loop_source *source, uint32_t events);
};

int loop_init(struct loop *loop);
void loop_clear(struct loop *loop);

/* loop_add - events: EPOLLIN and the like. The source is lent until loop_remove. */
int loop_add(struct loop *loop, struct loop_source *source, uint32_t events);
int loop_change(struct loop *loop, struct loop_source *source, uint32_t events);
void loop_remove(struct loop *loop, struct loop_source *source);

/* loop_run - until loop_stop. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#define loop_container(source, type, member) \
    ((type *)(void *)((char *)(source)-offsetof(type, member)))
