/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that grows and may hold keys: wherever it has been is wiped. Begin with `= {0}`. */
struct text {
    char *data; /* not terminated */
    size_t len, size;
    bool has_failed; /* there was no memory: what was to be added since is missing */
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_hex(struct text *text, const uint8_t *data, size_t len);

/* text_clear - wiped and freed. */
void text_clear(struct text *text);
