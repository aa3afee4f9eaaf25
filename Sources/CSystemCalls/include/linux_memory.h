// SPDX-License-Identifier: Apache-2.0

// Memory of processes, read through the kernel.

#ifndef LINUX_MEMORY_H
#define LINUX_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// This process's number.
int linux_getpid(void);

/// Copies at most `count` bytes from `address` in a process. Returns how many could be read, or a negated error number.
int64_t linux_read_memory(int pid, uint64_t address, void *buffer, size_t count);

/// Copies all `count` bytes to `address` in a process, which must have that memory mapped writable. Returns 0 or a negated error number.
///
/// The corresponding C function is `process_vm_writev`.
int linux_write_memory(int pid, uint64_t address, const void *buffer, size_t count);

/// Whether the eight bytes at an address of this process can be read. Raises no signal if they can't.
///
/// Works in every sandbox that lets a program set its signal mask. Async-signal-safe.
bool linux_is_readable(uint64_t address);

#endif
