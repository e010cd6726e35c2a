/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* wgw_spawn - execute a program of the session: argv[0] is looked up in the PATH of @environment if
 * it has no "/"; @environment is all it gets; @stdio become its descriptors 0, 1 and 2, and it has no
 * other; it leads a session of its own, with default signals and without capabilities. The caller
 * reaps it. @covers are pairs of absolute paths, NULL-terminated: a directory, and the one in whose
 * place it and its children see that. Its process ID, or -1 with WGW_ERROR_SPAWN_FAILED or WGW_ERROR_LIMIT_REACHED. */
pid_t wgw_spawn(const char *const *argv,
                const char *const *environment,
                const char *cwd,
                const char *const *covers,
                const int stdio[3],
                GError **error);

/* wgw_spawn_with - the same with other descriptors: @sources[i] becomes @targets[i]; @covers may be
 * NULL. For the engine. */
pid_t wgw_spawn_with(const char *const *argv,
                     const char *const *environment,
                     const char *cwd,
                     const char *const *covers,
                     const int *sources,
                     const int *targets,
                     gsize n,
                     GError **error);
