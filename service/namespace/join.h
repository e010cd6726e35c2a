/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* As a shell says it, and env(1), nohup(1)…: our own failure, not executable, not found. */
enum { NS_EXIT_OURS = 125, NS_EXIT_NOT_EXECUTABLE = 126, NS_EXIT_NOT_FOUND = 127 };

/* ns_join - enter the session of the process behind pidfd, which is closed, give up every
 * capability, and become the command argv, looked for in PATH. Only for a process with one thread.
 * Arguments, environment, descriptors, signals, process ID, group and terminal are left as they
 * are. Returns only if that failed: the exit status, after a line on the standard error. */
int ns_join(int pidfd, char **argv);
