/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

static enum log_level limit = LOG_ERROR;
static const char *prefix = "wg-wrap-engine";

void
log_init(const char *name)
{
    const char *level = getenv("LOG_LEVEL");

    prefix = name;
    if (!level)
        return;
    if (strcmp(level, "silent") == 0)
        limit = LOG_SILENT;
    else if (strcmp(level, "verbose") == 0 || strcmp(level, "debug") == 0)
        limit = LOG_VERBOSE;
}

enum log_level
log_get_level(void)
{
    return limit;
}

void
log_say(enum log_level level, const char *format, ...)
{
    char line[512];
    int start, len;
    va_list arguments;

    if (level > limit)
        return;
    start = snprintf(line, sizeof line, "%s: ", prefix);
    va_start(arguments, format);
    len = vsnprintf(line + start, sizeof line - (size_t)start, format, arguments);
    va_end(arguments);
    len = MIN(start + len, (int)sizeof line - 1);
    line[len++] = '\n';
    /* One write, so that a line stays whole; and no stream, which asks the kernel what its file is. */
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        return;
}
