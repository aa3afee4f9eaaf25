// SPDX-License-Identifier: Apache-2.0

// What a reading of the clock costs in this process. Usage: call-cost [page|offset|line]. It reads by the C library; or by the function of
// the page that the auxiliary vector names; or by a function that calls that one and changes its time by an offset or to another rate. Host
// mode can't cost less than the latter two, because they have no latch and choose nothing. Prints nanoseconds, the best of 40 rounds.

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

#ifdef __i386__
#define NAME "__vdso_clock_gettime64"  // built with 64-bit time
#else
#define NAME "__vdso_clock_gettime"
#endif

enum { ROUNDS = 40, CALLS = 20000 };

static double nanoseconds(const struct timespec *t) { return (double)t->tv_sec * 1e9 + (double)t->tv_nsec; }

// The clock that measures is the page's own, even if a library in between changes clock_gettime. A rate must leave it as it is.
static clock_function own_clock;

// The compiler doesn't know these values, just as it doesn't know those of a page.
static volatile int64_t seconds = 259200, nanosecond_part = 0, from = 1700000000000000000, to = 1700000000000000000;
static volatile uint64_t rate = 10ull << 32;

__attribute__((noinline)) static int with_offset(int id, struct timespec *t) {
  int status = own_clock(id, t);
  if (status != 0) return status;
  t->tv_sec += seconds;
  t->tv_nsec += nanosecond_part;
  if (t->tv_nsec >= 1000000000) t->tv_nsec -= 1000000000, t->tv_sec++;
  return 0;
}

__attribute__((noinline)) static int on_line(int id, struct timespec *t) {
  int status = own_clock(id, t);
  if (status != 0) return status;
  uint64_t distance = (uint64_t)(t->tv_sec * 1000000000 - from + t->tv_nsec), part = (uint32_t)rate;
  uint64_t scaled = ((uint32_t)distance * part >> 32) + (distance >> 32) * part + distance * (rate >> 32);
  uint64_t result = (uint64_t)to + scaled;
  t->tv_sec = (time_t)(result / 1000000000);
  t->tv_nsec = (long)(result % 1000000000);
  return 0;
}

#define BEST(call)                                                   \
  for (int round = 0; round < ROUNDS; round++) {                     \
    struct timespec start, end, now;                                 \
    own_clock(CLOCK_MONOTONIC_RAW, &start);                          \
    for (int i = 0; i < CALLS; i++) call(CLOCK_REALTIME, &now);      \
    own_clock(CLOCK_MONOTONIC_RAW, &end);                            \
    double cost = (nanoseconds(&end) - nanoseconds(&start)) / CALLS; \
    if (cost < best) best = cost;                                    \
  }

int main(int count, char **arguments) {
  own_clock = function_of((const char *)getauxval(AT_SYSINFO_EHDR), NAME);
  double best = 1e9;
  const char *way = count > 1 ? arguments[1] : "";
  if (strcmp(way, "page") == 0) {
    BEST(own_clock)
  } else if (strcmp(way, "offset") == 0) {
    BEST(with_offset)
  } else if (strcmp(way, "line") == 0) {
    BEST(on_line)
  } else {
    BEST(clock_gettime)
  }
  printf("%.2f\n", best);
  return 0;
}
