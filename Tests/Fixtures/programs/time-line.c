// SPDX-License-Identifier: Apache-2.0

// time-line READINGS [FILE]: threads read every clock in every way, at least READINGS times and until FILE exists. No reading may be behind
// another reading of the same clock that had ended before it began, in whatever way and thread. Prints how many were.
#include "clock-readings.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { THREADS = 8 };
static int64_t by_timeval(int clock) {
  (void)clock;
  struct timeval time;
  gettimeofday(&time, NULL);
  return nanoseconds(time.tv_sec, time.tv_usec * 1000LL);
}

static int64_t by_timeval_call(int clock) {
  (void)clock;
  struct timeval time;
  struct {
    long seconds, millionths;
  } stored;
  syscall(SYS_gettimeofday, &stored, NULL);
  time.tv_sec = stored.seconds, time.tv_usec = stored.millionths;
  return nanoseconds(time.tv_sec, time.tv_usec * 1000LL);
}

// How far each way may be behind another one of the same clock, which is its resolution, because it rounds down.
static const struct {
  const char *name;
  int64_t (*read)(int);
  int clock;
  int64_t resolution;
} ways[] = {
    {"REALTIME, libc", page, CLOCK_REALTIME, 1},
    {"REALTIME, call", raw, CLOCK_REALTIME, 1},
    {"gettimeofday", by_timeval, CLOCK_REALTIME, 1000},
    {"gettimeofday, call", by_timeval_call, CLOCK_REALTIME, 1000},
    {"MONOTONIC, libc", page, CLOCK_MONOTONIC, 1},
    {"MONOTONIC, call", raw, CLOCK_MONOTONIC, 1},
    {"BOOTTIME, libc", page, CLOCK_BOOTTIME, 1},
    {"BOOTTIME, call", raw, CLOCK_BOOTTIME, 1},
    {"TAI, libc", page, CLOCK_TAI, 1},
    {"TAI, call", raw, CLOCK_TAI, 1},
};
enum { WAYS = sizeof ways / sizeof *ways };

// For each clock, the latest reading that has ended.
static _Atomic int64_t latest[16];
static atomic_long readings, wrong;
static atomic_int is_over;

static void look(int way) {
  int clock = ways[way].clock;
  int64_t before = atomic_load(&latest[clock]), now = ways[way].read(clock);
  atomic_fetch_add(&readings, 1);
  if (now + ways[way].resolution > before) {
    while (before < now && !atomic_compare_exchange_weak(&latest[clock], &before, now)) {
    }
    return;
  }
  if (atomic_fetch_add(&wrong, 1) < 10) fprintf(stderr, "%s: %lld behind\n", ways[way].name, (long long)(before - now));
}

static void *work(void *seed) {
  unsigned state = (unsigned)(size_t)seed * 2654435761u + 1;
  while (!is_over) {
    state = state * 1664525u + 1013904223u;
    // System calls cost much more than the page, so only a few are made.
    int way = (int)(state >> 16) % WAYS;
    if (strstr(ways[way].name, "call") && (state >> 8) % 64 != 0) way &= ~1;
    look(way);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  pthread_t threads[THREADS];
  for (size_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  long most = atol(arguments[1]);
  while (atomic_load(&readings) < most || (count > 2 && access(arguments[2], F_OK) != 0)) usleep(10000);
  is_over = 1;
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  printf("%ld wrong\n", (long)wrong);
  return wrong != 0;
}
