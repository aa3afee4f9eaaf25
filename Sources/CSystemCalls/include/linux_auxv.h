// SPDX-License-Identifier: Apache-2.0

// The auxiliary vector as libc and the kernel hand it to a running process.

#ifndef LINUX_AUXV_H
#define LINUX_AUXV_H

#include <stddef.h>
#include <stdint.h>

/// The key of the vDSO's address, for callers that have no names of such keys.
enum { LINUX_AT_SYSINFO_EHDR = 33 };

/// This process's value of an entry as libc kept it, 0 if there is none. `<sys/auxv.h>` is not in Swift's Glibc module.
unsigned long linux_getauxval(unsigned long type);

/// Copies this process's vector as the kernel holds it. Returns its full size in bytes, or a negated error number (`-EINVAL` before Linux
/// 6.4). The corresponding C constant is `PR_GET_AUXV`.
int64_t linux_copy_auxv(void *buffer, size_t count);

#endif
