// Rounds of calls, timed by the counter of pages.h: the best counts.

#ifndef ROUNDS_H
#define ROUNDS_H

enum { ROUNDS = 300, CALLS = 20000 };

static void keep_best(uint64_t start, double *best) {
  double cycles = (double)(counter() - start) / CALLS;
  if (cycles < *best) *best = cycles;
}

static inline void time_calls(int (*function)(int, void *), double *best) {
  char result[16];
  uint64_t start = counter();
  for (int i = 0; i < CALLS; i++) function(0, result);
  keep_best(start, best);
}

static inline void time_counter(double *best) {
  volatile uint64_t sink = 0;
  uint64_t start = counter();
  for (int i = 0; i < CALLS; i++) sink = sink + counter();
  keep_best(start, best);
}

#endif
