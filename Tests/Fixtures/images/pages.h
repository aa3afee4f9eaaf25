// SPDX-License-Identifier: Apache-2.0

// The three pages in a test program: mapped from a file that holds the code page, filled by hand, called at the slots.

#ifndef PAGES_H
#define PAGES_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vdso.h"

typedef struct {
  int64_t seconds, nanoseconds;
} time64;

#ifdef __i386__
#define SLOT(id) VDSO_SLOT_OFFSET_I386(id)
#define HOST_OFFSET VDSO_HOST_OFFSET_I386
#define CLOCK_GETTIME_64 VDSO_SYM_CLOCK_GETTIME64
#define NR_CLOCK_GETTIME_64 403
#else
#define SLOT(id) VDSO_SLOT_OFFSET_64(id)
#define HOST_OFFSET VDSO_HOST_OFFSET_64
#define CLOCK_GETTIME_64 VDSO_SYM_CLOCK_GETTIME
#define NR_CLOCK_GETTIME_64 SYS_clock_gettime
#endif

// The architecture's ways to read the counter. Emulators have no cntvctss_el0.
#if defined(__aarch64__)
enum { WAY = VDSO_COUNTER_CNTVCT, OTHER_WAY = VDSO_COUNTER_CNTVCT };
#elif defined(__riscv)
enum { WAY = VDSO_COUNTER_RDTIME, OTHER_WAY = VDSO_COUNTER_RDTIME };
#else
enum { WAY = VDSO_COUNTER_LFENCE_RDTSC, OTHER_WAY = VDSO_COUNTER_RDTSCP };
#endif

static vdso_time_page_t *time_page;
static vdso_identity_page_t *identity_page;
static char *code_page;

static inline const void *slot(int id) { return code_page + SLOT(id); }

static inline int64_t nanoseconds(time64 t) { return t.seconds * 1000000000LL + t.nanoseconds; }

static inline vdso_time_data_t *copy(int index) { return index ? &time_page->copy1 : &time_page->copy0; }

static inline vdso_host_t *host(void) { return (vdso_host_t *)(code_page + HOST_OFFSET); }

// The cycle counter, in order with the loads before it.
static inline uint64_t counter(void) {
#if defined(__x86_64__) || defined(__i386__)
  uint32_t low, high;
  __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
  return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
  uint64_t value;
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
  return value;
#else
  uint64_t value;
  __asm__ volatile("fence\n\trdtime %0" : "=r"(value)::"memory");
  return value;
#endif
}

// Maps the pages, all writable, so that a test can change them at any time.
static inline void map_pages(const char *path) {
  char *base = mmap(NULL, 2 * VDSO_PAGE_STRIDE + VDSO_PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int file = open(path, O_RDONLY);
  if (base == MAP_FAILED || file < 0 || read(file, base + 2 * VDSO_PAGE_STRIDE, VDSO_PAGE_SIZE) != VDSO_PAGE_SIZE) {
    perror(path);
    exit(2);
  }
  close(file);
  time_page = (vdso_time_page_t *)base;
  identity_page = (vdso_identity_page_t *)(base + VDSO_PAGE_STRIDE);
  code_page = base + 2 * VDSO_PAGE_STRIDE;
}

#endif
