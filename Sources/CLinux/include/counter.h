// SPDX-License-Identifier: Apache-2.0

// The cycle counter of this machine, read in order with the loads before it, and its properties from CPUID.

#ifndef CLINUX_COUNTER_H
#define CLINUX_COUNTER_H

#include <stdint.h>

#if defined(__x86_64__)

static inline uint64_t linux_counter_lfence_rdtsc(void) {
  uint32_t low, high;
  __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
  return (uint64_t)high << 32 | low;
}

static inline uint64_t linux_counter_rdtscp(void) {
  uint32_t low, high;
  __asm__ volatile("rdtscp" : "=a"(low), "=d"(high)::"rcx", "memory");
  return (uint64_t)high << 32 | low;
}

static inline void linux_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(subleaf));
}

#elif defined(__aarch64__)

static inline uint64_t linux_counter_cntvct(void) {
  uint64_t value;
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
  return value;
}

// S3_3_C14_C0_6 is CNTVCTSS_EL0, by a name that every assembler knows.
static inline uint64_t linux_counter_cntvctss(void) {
  uint64_t value;
  __asm__ volatile("mrs %0, S3_3_C14_C0_6" : "=r"(value)::"memory");
  return value;
}

static inline uint64_t linux_counter_frequency(void) {
  uint64_t value;
  __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
  return value;
}

#elif defined(__riscv)

static inline uint64_t linux_counter_rdtime(void) {
  uint64_t value;
  __asm__ volatile("fence r, i\n\trdtime %0" : "=r"(value)::"memory");
  return value;
}

#endif

#endif
