/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* To standard error, as much as $LOG_LEVEL says: "silent", "error" (the default), "verbose" or "debug",
 * as with wireguard-go. Keys and inner addresses are never written. */

enum log_level { LOG_SILENT, LOG_ERROR, LOG_VERBOSE };

/* log_init - name goes in front of every line. Lent. */
void log_init(const char *name);

enum log_level log_get_level(void);

/* log_say - with a newline at the end. */
void log_say(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
