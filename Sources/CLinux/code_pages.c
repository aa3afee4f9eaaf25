// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process.h"

// Where the linker has put the first byte of the program, or of the library that this is a part of, and the end of its code.
extern const char __ehdr_start[] __attribute__((visibility("hidden"))), etext[] __attribute__((visibility("hidden")));

void linux_unmap_used_code(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)__ehdr_start & ~(page - 1);
  // Pages of a file that nothing writes to: they are read again when they are needed.
  madvise((void *)start, ((uintptr_t)etext & ~(page - 1)) - start, MADV_DONTNEED);
}
