// SPDX-License-Identifier: Apache-2.0

// States of the mapped pages of pages.h in which all calls take their fast path.

#ifndef PAGE_STATES_H
#define PAGE_STATES_H

static void set_counter(uint32_t source, double frequency) {
  vdso_clock_t clock = {.source = source, .resolution = 1, .base = counter(), .limit = (uint64_t)(3 * frequency)};
  clock.mult = (uint64_t)(1e9 * 4294967296.0 / frequency);
  clock.phase = -clock.base * clock.mult;
  clock.window = UINT32_MAX - (uint32_t)clock.base;
  clock.window_phase = -(uint64_t)(uint32_t)clock.base * clock.mult;
  for (int i = 0; i < 2; i++) copy(i)->clocks[VDSO_CLOCK_REALTIME] = copy(i)->clocks[VDSO_CLOCK_MONOTONIC] = clock;
}

static void set_published(void) {
  vdso_clock_t clock = {.source = VDSO_SOURCE_PUBLISHED, .resolution = 10000000, .seconds = 1700000000};
  for (int i = 0; i < 2; i++)
    copy(i)->clocks[VDSO_CLOCK_REALTIME_COARSE] = copy(i)->clocks[VDSO_CLOCK_MONOTONIC_COARSE] = clock;
  time_page->seconds = 1700000000;
  time_page->timekeeper = VDSO_SECONDS_VALID | (uint32_t)getpid();
}

static double frequency(void) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  uint64_t first = counter();
  double passed;
  do {
    clock_gettime(CLOCK_MONOTONIC, &now);
    passed = (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) * 1e-9;
  } while (passed < 0.1);
  return (double)(counter() - first) / passed;
}

#endif
