// SPDX-License-Identifier: Apache-2.0

// Rounds of calls, timed by the counter of pages.h. The best round counts.

#ifndef ROUNDS_H
#define ROUNDS_H

enum { ROUNDS = 300, CALLS = 20000 };

static void keep_best(uint64_t start, double *best) {
  double cycles = (double)(counter() - start) / CALLS;
  if (cycles < *best) *best = cycles;
}

// A loop that calls one function, `name(address, best)`. Results go to memory that was written before, as in a program. Each function has a
// loop of its own, because a processor predicts a call sooner that always has the same target.
#define LOOP(name, type, call)                                                                    \
  __attribute__((noinline, aligned(64))) static void name(clock_function address, double *best) { \
    int64_t result[4] = {0};                                                                      \
    type function = (type)(uintptr_t)address;                                                     \
    (void)result;                                                                                 \
    uint64_t start = counter();                                                                   \
    for (int i = 0; i < CALLS; i++) call;                                                         \
    keep_best(start, best);                                                                       \
  }

static inline uint64_t counter_by_rdtscp(void) {
  uint32_t low, high;
  __asm__ volatile("rdtscp" : "=a"(low), "=d"(high)::"ecx", "memory");
  return (uint64_t)high << 32 | low;
}

// The bare counter read, by either instruction.
static inline void time_counters(double best[2]) {
  volatile uint64_t sink = 0;
  uint64_t start = counter();
  for (int i = 0; i < CALLS; i++) sink = sink + counter();
  keep_best(start, &best[0]);
  start = counter();
  for (int i = 0; i < CALLS; i++) sink = sink + counter_by_rdtscp();
  keep_best(start, &best[1]);
}

#endif
