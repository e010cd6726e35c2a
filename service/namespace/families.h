/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* ns_families_refuse - from now on neither this process nor what it starts gets a socket of a family
 * that has no network namespaces, and so would reach past the session's: EAFNOSUPPORT, as where the
 * kernel knows none. Wants no_new_privs. 0, also where the kernel has no such filters, or a negative
 * errno. */
int ns_families_refuse(void);
