/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* Room for len bytes more and a terminator. */
static bool
reserve(struct text *text, size_t len)
{
    size_t size = MAX(text->size, 1024);
    char *data;

    if (text->has_failed)
        return false;
    while (size <= text->len + len)
        size *= 2;
    if (size == text->size)
        return true;
    data = malloc(size);
    if (!data) {
        text->has_failed = true;
        return false;
    }
    if (text->len > 0)
        memcpy(data, text->data, text->len);
    if (text->data)
        explicit_bzero(text->data, text->size);
    free(text->data);
    text->data = data;
    text->size = size;
    return true;
}

void
text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    int len;

    do {
        size_t room = text->size - text->len;

        va_start(arguments, format);
        len = vsnprintf(text->data ? text->data + text->len : NULL, room, format, arguments);
        va_end(arguments);
        if (len < 0 || (size_t)len < room)
            break;
    } while (reserve(text, (size_t)len));
    if (len > 0 && !text->has_failed)
        text->len += (size_t)len;
}

void
text_add_hex(struct text *text, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    if (!reserve(text, 2 * len))
        return;
    for (size_t i = 0; i < len; i++) {
        text->data[text->len++] = digits[data[i] >> 4];
        text->data[text->len++] = digits[data[i] & 0xf];
    }
}

void
text_clear(struct text *text)
{
    if (text->data)
        explicit_bzero(text->data, text->size);
    free(text->data);
    *text = (struct text){0};
}
