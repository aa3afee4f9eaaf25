// SPDX-License-Identifier: Apache-2.0

// The page's functions by their slots, with 32-bit times as in the design document.

#ifndef PAGE_CALLS_H
#define PAGE_CALLS_H

#include "mach_task.h"

typedef struct {
  int32_t seconds, rest;
} pair_t;

#define SLOT(code, symbol) ((uint32_t)(code) + VDSO_SLOT_OFFSET_I386(VDSO_SYM_##symbol))

static inline int page_gettimeofday(uint32_t code, pair_t *time) {
  return ((int (*)(pair_t *, void *))SLOT(code, GETTIMEOFDAY))(time, NULL);
}

static inline int page_clock_gettime(uint32_t code, int clock, pair_t *time) {
  return ((int (*)(int, pair_t *))SLOT(code, CLOCK_GETTIME))(clock, time);
}

static inline int32_t page_time(uint32_t code) { return ((int32_t(*)(int32_t *))SLOT(code, TIME))(NULL); }

static inline int page_getpid(uint32_t code) { return ((int (*)(void))SLOT(code, GETPID))(); }

// gettimeofday in microseconds since 1970, or 0 if the page leaves it to the kernel.
static inline uint64_t page_microseconds(uint32_t code) {
  pair_t time;
  if (page_gettimeofday(code, &time)) return 0;
  return (uint64_t)(uint32_t)time.seconds * 1000000 + (uint32_t)time.rest;
}

enum { ENOSYS_OF_LINUX = -38 };

#endif
