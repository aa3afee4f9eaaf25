// What a reading of the clock costs in this process. Usage: call-cost [page]. By the C library, or with `page` by the function of the
// page that the auxiliary vector names. Prints nanoseconds, the best of 40 rounds.

#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

#include "../vdso-function.h"

enum { ROUNDS = 40, CALLS = 20000 };

static double nanoseconds(const struct timespec *t) { return (double)t->tv_sec * 1e9 + (double)t->tv_nsec; }

#define BEST(call)                                             \
  for (int round = 0; round < ROUNDS; round++) {               \
    struct timespec start, end, now;                           \
    own_clock(CLOCK_MONOTONIC_RAW, &start);                    \
    for (int i = 0; i < CALLS; i++) call(CLOCK_REALTIME, &now); \
    own_clock(CLOCK_MONOTONIC_RAW, &end);                      \
    double cost = (nanoseconds(&end) - nanoseconds(&start)) / CALLS; \
    if (cost < best) best = cost;                              \
  }

int main(int count, char **arguments) {
  // The measuring clock is the page's own, whatever a library in between makes of clock_gettime.
  clock_function own_clock = function_of((const char *)getauxval(AT_SYSINFO_EHDR), "__vdso_clock_gettime");
  double best = 1e9;
  if (count > 1 && strcmp(arguments[1], "page") == 0) {
    BEST(own_clock)
  } else {
    BEST(clock_gettime)
  }
  printf("%.2f\n", best);
  return 0;
}
