// SPDX-License-Identifier: Apache-2.0

#include "time_page.h"

#define SECOND (1000000000ull << 32)

// x86 keeps the order of stores, so only the compiler must be prevented from reordering.
static void write_barrier(void) { __asm__ volatile("" : : : "memory"); }

instant_t instant_of_microseconds(uint64_t microseconds) {
  uint64_t seconds = divide(microseconds, 1000000);
  return (instant_t){(int64_t)seconds, (microseconds - seconds * 1000000) * 1000 << 32};
}

int64_t nanoseconds_between(instant_t a, instant_t b) {
  return (a.seconds - b.seconds) * 1000000000 + (int64_t)(a.rest >> 32) - (int64_t)(b.rest >> 32);
}

static void carry(instant_t *instant) {
  while (instant->rest >= SECOND) {
    instant->rest -= SECOND;
    instant->seconds++;
  }
}

instant_t instant_plus(instant_t instant, int64_t nanoseconds) {
  uint64_t seconds = divide((uint64_t)(nanoseconds < 0 ? -nanoseconds : nanoseconds), 1000000000);
  int64_t whole = nanoseconds < 0 ? -(int64_t)seconds - 1 : (int64_t)seconds;
  instant.seconds += whole;
  instant.rest += (uint64_t)(nanoseconds - whole * 1000000000) << 32;
  carry(&instant);
  return instant;
}

void move_base(line_t *line, uint64_t now) {
  uint64_t passed = (now - line->base) * line->mult;
  line->real.rest += passed;
  line->monotonic.rest += passed;
  carry(&line->real);
  carry(&line->monotonic);
  line->base = now;
}

static void set_counter_clock(vdso_clock_t *clock, instant_t instant, const line_t *line) {
  uint64_t to_carry = divide(SECOND - instant.rest, line->mult), to_wrap = 0xffffffffu - (uint32_t)line->base;
  uint64_t window = to_carry > 2 ? to_carry - 2 : 0;
  if (window > to_wrap) window = to_wrap;
  if (window > line->limit) window = line->limit;
  *clock = (vdso_clock_t){
      .source = VDSO_COUNTER_LFENCE_RDTSC,
      .resolution = 1,
      .base = line->base,
      .limit = line->limit,
      .mult = line->mult,
      .phase = instant.rest - line->base * line->mult,
      .seconds = instant.seconds,
      .window_phase = instant.rest - (uint64_t)(uint32_t)line->base * line->mult,
      .window = (uint32_t)window,
  };
}

static void set_coarse_clock(vdso_clock_t *clock, instant_t instant) {
  *clock = (vdso_clock_t){
      .source = VDSO_SOURCE_PUBLISHED, .resolution = 10000000, .seconds = instant.seconds, .phase = instant.rest};
}

// Sets the clocks, by Linux's numbers. The other clocks stay the kernel's.
static void set_clocks(vdso_time_data_t *data, const line_t *line, int has_coarse) {
  set_counter_clock(&data->clocks[VDSO_CLOCK_REALTIME], line->real, line);
  set_counter_clock(&data->clocks[VDSO_CLOCK_MONOTONIC], line->monotonic, line);
  data->clocks[VDSO_CLOCK_MONOTONIC_RAW] = data->clocks[VDSO_CLOCK_BOOTTIME] = data->clocks[VDSO_CLOCK_MONOTONIC];
  if (has_coarse) {
    set_coarse_clock(&data->clocks[VDSO_CLOCK_REALTIME_COARSE], line->real);
    set_coarse_clock(&data->clocks[VDSO_CLOCK_MONOTONIC_COARSE], line->monotonic);
  } else {
    data->clocks[VDSO_CLOCK_REALTIME_COARSE] = data->clocks[VDSO_CLOCK_MONOTONIC_COARSE] =
        (vdso_clock_t){.source = VDSO_SOURCE_HOST};
  }
  data->mode = VDSO_MODE_COUNTER;
}

void initialize_time_page(vdso_time_page_t *page) {
  memset(page, 0, sizeof *page);
  page->magic = VDSO_TIME_MAGIC;
  page->version = VDSO_TIME_VERSION;
}

static void turn_readers(vdso_time_page_t *page) {
  write_barrier();
  *(volatile uint32_t *)&page->sequence += 1;
  write_barrier();
}

void repair_time_page(vdso_time_page_t *page) {
  if (page->sequence & 1) {
    page->copy0 = page->copy1;
    turn_readers(page);
  } else {
    page->copy1 = page->copy0;
  }
}

line_t published_line(const vdso_time_page_t *page) {
  const vdso_clock_t *clocks = page->sequence & 1 ? page->copy1.clocks : page->copy0.clocks;
  return (line_t){
      .real = {clocks[VDSO_CLOCK_REALTIME].seconds,
               clocks[VDSO_CLOCK_REALTIME].phase + clocks[VDSO_CLOCK_REALTIME].base * clocks[VDSO_CLOCK_REALTIME].mult},
      .monotonic = {clocks[VDSO_CLOCK_MONOTONIC].seconds,
                    clocks[VDSO_CLOCK_MONOTONIC].phase +
                        clocks[VDSO_CLOCK_MONOTONIC].base * clocks[VDSO_CLOCK_MONOTONIC].mult},
      .base = clocks[VDSO_CLOCK_REALTIME].base,
      .mult = clocks[VDSO_CLOCK_REALTIME].mult,
      .limit = clocks[VDSO_CLOCK_REALTIME].limit,
  };
}

int publish(vdso_time_page_t *page, const line_t *line, int has_coarse, uint64_t patience) {
  turn_readers(page);
  set_clocks(&page->copy0, line, has_coarse);
  if (counter() - line->base > patience) {
    page->copy0 = page->copy1;
    turn_readers(page);
    return 0;
  }
  turn_readers(page);
  set_clocks(&page->copy1, line, has_coarse);
  // Readers load the two words one after the other, the flag first.
  volatile uint32_t *word = &page->timekeeper;
  *word = 0;
  write_barrier();
  page->seconds = (uint32_t)line->real.seconds;
  write_barrier();
  if (has_coarse) *word = VDSO_SECONDS_VALID;
  return 1;
}
