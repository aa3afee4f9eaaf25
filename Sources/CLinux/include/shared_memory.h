// SPDX-License-Identifier: Apache-2.0

#ifndef CLINUX_SHARED_MEMORY_H
#define CLINUX_SHARED_MEMORY_H

#include <stddef.h>

/// `size` zeros at a multiple of 64, shared with the processes that this one forks afterwards and never freed; NULL if there is no memory.
///
/// Small parts share pages. Threads, and processes that one forked the other, get different parts.
void *linux_shared_memory(size_t size);

#endif
