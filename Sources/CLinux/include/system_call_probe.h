// SPDX-License-Identifier: Apache-2.0

// Whether a function enters the kernel.

#ifndef SYSTEM_CALL_PROBE_H
#define SYSTEM_CALL_PROBE_H

/// Whether `function(a, b, c)` makes a system call: 1 if so, 0 if not, a negated error number if that can't be found out.
///
/// Calls it in a child process that may make no system call but the one that ends it. Arguments that the function does
/// not take are ignored. This process must have one thread.
/// The corresponding C function is `seccomp` with `SECCOMP_SET_MODE_FILTER`.
int linux_makes_system_call(const void *function, long a, long b, long c);

#endif
