// SPDX-License-Identifier: Apache-2.0

#ifndef LINUX_SYSTEM_CALL_H
#define LINUX_SYSTEM_CALL_H

/// Makes a system call without touching `errno`: returns the kernel's result, a negated error number on failure.
///
/// Async-signal-safe; needs no libc.
long linux_syscall(long number, long a, long b, long c, long d, long e, long f);

/// The text of an error number, from a constant table. The corresponding C function, which it calls, is `strerror`.
const char *linux_error_text(int number);

#endif
