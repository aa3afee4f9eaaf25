// SPDX-License-Identifier: Apache-2.0

// The program in ring 3: calls the page at its slots in each mode and reports the results.

#include "kernel.h"

#define USER __attribute__((section(".user.text")))
#define SLOT(id) (VDSO_USER_BASE + VDSO_SLOT_OFFSET_I386(id))

typedef int (*clock_function)(int, int32_t *);
typedef int (*clock64_function)(int, time64_t *);
typedef int (*day_function)(int32_t *, int32_t *);
typedef int32_t (*time_function)(int32_t *);
typedef int (*pid_function)(void);

USER static int32_t kernel(int number, const void *a, uint32_t b) {
  int32_t result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
  return result;
}

#define TEXT(name, string) static const char name[] __attribute__((section(".user.strings"))) = string

TEXT(say_clock, "clock_gettime");
TEXT(say_clock64, "clock_gettime64");
TEXT(say_day, "gettimeofday");
TEXT(say_time, "time");
TEXT(say_pid, "getpid");
TEXT(say_counter, "counter");

// Reports one line: function, status, two words of the result, traps since the last line.
USER static void report(const char *name, int32_t status, int32_t first, int32_t second) {
  int32_t line[5] = {(int32_t)name, status, first, second, kernel(CALL_COUNT_TRAPS, 0, 0)};
  kernel(CALL_REPORT, line, 0);
}

USER static void call_all(void) {
  int32_t pair[2] = {0, 0}, day[2] = {0, 0}, stored = 0;
  time64_t wide = {0, 0};
  int32_t status = ((clock_function)SLOT(VDSO_SYM_CLOCK_GETTIME))(0, pair);
  report(say_clock, status, pair[0], pair[1]);
  status = ((clock64_function)SLOT(VDSO_SYM_CLOCK_GETTIME64))(0, &wide);
  report(say_clock64, status, (int32_t)wide.seconds, (int32_t)wide.nanoseconds);
  status = ((day_function)SLOT(VDSO_SYM_GETTIMEOFDAY))(day, 0);
  report(say_day, status, day[0], day[1]);
  status = ((time_function)SLOT(VDSO_SYM_TIME))(&stored);
  report(say_time, status, stored, 0);
  report(say_pid, ((pid_function)SLOT(VDSO_SYM_GETPID))(), 0, 0);
}

USER static uint32_t counter(void) {
  uint32_t low;
  __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low) : : "edx");
  return low;
}

// Reads the counter before and after each of 1,000 readings of the clock, and reports how many of the readings lay in between.
USER static void check_counter(uint32_t base) {
  int32_t between = 0, normal = 0;
  for (int i = 0; i < 1000; i++) {
    time64_t t = {0, 0};
    uint32_t before = counter() - base;
    int status = ((clock64_function)SLOT(VDSO_SYM_CLOCK_GETTIME64))(4, &t);
    uint32_t after = counter() - base, told = (uint32_t)t.nanoseconds;
    for (int64_t seconds = t.seconds; seconds > COUNTER_SECONDS; seconds--) told += 1000000000u;
    between += status == 0 && before <= told && told <= after;
    normal += t.seconds >= COUNTER_SECONDS && t.nanoseconds >= 0 && t.nanoseconds < 1000000000;
  }
  report(say_counter, 0, between, normal);
}

USER void program(void) {
  kernel(CALL_SET_MODE, 0, SET_TRAPS);
  call_all();
  check_counter((uint32_t)kernel(CALL_SET_MODE, 0, SET_COUNTER));
  kernel(CALL_SET_MODE, 0, SET_PUBLISHED);
  call_all();
  // This store must fault, because the page is read-only.
  *(volatile uint32_t *)(VDSO_USER_BASE - 2 * VDSO_PAGE_SIZE) = 0;
  kernel(CALL_EXIT, 0, 0);
}
