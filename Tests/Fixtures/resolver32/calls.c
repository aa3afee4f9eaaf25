// SPDX-License-Identifier: Apache-2.0

// Compares the resolver's calls in a 32-bit program with the kernel's. Prints each difference; exits with 1 if there was one.
// Usage: calls [SECONDS]; with SECONDS, the date stands still there, as on a page with a fixed clock source.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct time64 {
  int64_t seconds, rest;
};

int calls_clock_gettime(int clock, struct time64 *time);
int calls_clock_getres(int clock, struct time64 *time);
int calls_gettimeofday(struct time64 *time);
int64_t calls_time(void);
int calls_getpid(void);
int calls_is_served(void);
int calls_lies(void);

static int failures;

static void expect(int holds, const char *what) {
  if (!holds) {
    printf("wrong: %s\n", what);
    failures++;
  }
}

static int64_t by_kernel(int clock) {
  struct time64 time;
  return syscall(SYS_clock_gettime64, clock, &time) == 0 ? time.seconds * 1000000000 + time.rest : -1;
}

int main(int count, char **arguments) {
  struct time64 time;
  expect(calls_is_served(), "the vDSO's clock_gettime64 is not used");
  expect(calls_getpid() == syscall(SYS_getpid), "getpid");
  if (count > 1) {
    int64_t seconds = strtoll(arguments[1], NULL, 10);
    expect(calls_clock_gettime(0, &time) == 0 && time.seconds == seconds, "clock_gettime");
    expect(calls_gettimeofday(&time) == 0 && time.seconds == seconds, "gettimeofday");
    expect(calls_time() == seconds, "time");
    return failures != 0;
  }
  static const int clocks[] = {0, 1, 4, 5, 6, 7, 11};
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    int64_t before = by_kernel(clocks[i]);
    expect(calls_clock_gettime(clocks[i], &time) == 0, "clock_gettime fails");
    int64_t between = time.seconds * 1000000000 + time.rest;
    expect(before <= between && between <= by_kernel(clocks[i]), "clock_gettime");
  }
  int64_t before = by_kernel(0) / 1000;
  expect(calls_gettimeofday(&time) == 0, "gettimeofday fails");
  expect(before <= time.seconds * 1000000 + time.rest && time.seconds * 1000000 + time.rest <= by_kernel(0) / 1000,
         "gettimeofday");
  before = by_kernel(5) / 1000000000;
  expect(before <= calls_time() && calls_time() <= by_kernel(5) / 1000000000, "time");
  expect(calls_clock_getres(1, &time) == 0 && time.seconds == 0 && time.rest == 1, "clock_getres");
  expect(calls_clock_gettime(99, &time) == -22, "a clock that is not there");
  expect(calls_lies() == 0, "the self-check");
  return failures != 0;
}
