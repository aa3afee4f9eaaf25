// Memory of processes, read through the kernel.

#ifndef LINUX_MEMORY_H
#define LINUX_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/// This process's number.
int linux_getpid(void);

/// Copies at most `count` bytes from `address` in a process: how many could be read, or a negated error number.
int64_t linux_read_memory(int pid, uint64_t address, void *buffer, size_t count);

#endif
