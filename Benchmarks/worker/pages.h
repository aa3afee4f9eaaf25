// SPDX-License-Identifier: Apache-2.0

// Our three pages in the worker's process, as a loader maps them.

#ifndef PAGES_H
#define PAGES_H

#include <vdso.h>

#include "page.h"

enum {
  PAGE = VDSO_PAGE_SIZE,
  READ = 1,
  WRITE = 2,
  EXECUTE = 4,
  SHARED = 1,
  PRIVATE = 2,
  FIXED = 0x10,
  ANONYMOUS = 0x20
};

// Maps the first page of the file `path` at `address`; returns whether it could.
static int map_file(char *address, long protection, long flags, const char *path) {
  long file = system_call(NR_OPEN, (long)path, 0, 0, 0, 0);
  return file >= 0 && system_call(NR_MMAP, (long)address, PAGE, protection, flags | FIXED, file) == (long)address;
}

// Maps our pages with the time page of one file and the code page of another, and returns the address of the code page, or 0. `kernel` is
// the kernel's page, whose functions ours calls if it can't tell the time, and `entry` is its system call entry.
static const char *map_pages(const char *time, const char *code, const char *kernel, long entry) {
  long base = system_call(NR_MMAP, 0, 2 * VDSO_PAGE_STRIDE + PAGE, READ | WRITE, PRIVATE | ANONYMOUS, -1);
  if (base < 0 && base > -4096) return 0;
  char *start = (char *)base;
  vdso_identity_page_t *identity = (void *)(start + VDSO_PAGE_STRIDE);
  char *page = start + 2 * VDSO_PAGE_STRIDE;
  if (!map_file(start, READ, SHARED, time) || !map_file(page, READ | WRITE, PRIVATE, code)) return 0;
  identity->magic = VDSO_IDENTITY_MAGIC;
  identity->words[VDSO_IDENTITY_PID] = (uint32_t)system_call(NR_GETPID, 0, 0, 0, 0, 0);
  identity->valid = 1 << VDSO_IDENTITY_PID;
#ifdef __i386__
  vdso_host_t *host = (void *)(page + VDSO_HOST_OFFSET_I386);
  host->arch_specific = (uint32_t)entry;
#else
  vdso_host_t *host = (void *)(page + VDSO_HOST_OFFSET_64);
  (void)entry;
#endif
  // A page whose clocks all trap doesn't call the kernel's page.
  if (((const vdso_time_page_t *)(const void *)start)->copy0.mode != VDSO_MODE_NONE) {
    host->clock_gettime = (uintptr_t)symbol(kernel, CLOCK_NAME);
    host->clock_getres = (uintptr_t)symbol(kernel, "clock_getres");
    host->time = (uintptr_t)symbol(kernel, "time");
    host->getcpu = (uintptr_t)symbol(kernel, "getcpu");
  }
  return system_call(NR_PROTECT, (long)page, PAGE, READ | EXECUTE, 0, 0) == 0 ? page : 0;
}

#endif
