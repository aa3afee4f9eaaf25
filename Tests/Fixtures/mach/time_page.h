// SPDX-License-Identifier: Apache-2.0

// The writer of the time page, as docs/page.md describes it. There may be one writer at a time.

#ifndef TIME_PAGE_H
#define TIME_PAGE_H

#include "mach_task.h"

// A time: seconds, and nanoseconds below 1,000,000,000 with 32 fractional bits.
typedef struct {
  int64_t seconds;
  uint64_t rest;
} instant_t;

// A line: both clocks when the counter is at `base`, and their rate from there on.
typedef struct {
  instant_t real, monotonic;
  uint64_t base;
  uint64_t mult;   // nanoseconds per cycle, 32.32
  uint64_t limit;  // cycles for which the line is good
} line_t;

instant_t instant_of_microseconds(uint64_t microseconds);
// a - b in nanoseconds, as far as 64 bits go.
int64_t nanoseconds_between(instant_t a, instant_t b);
// `instant` plus a number of nanoseconds of either sign.
instant_t instant_plus(instant_t instant, int64_t nanoseconds);

// Moves the line's base to `now`, at most four seconds later, without any change of its values.
void move_base(line_t *line, uint64_t now);

void initialize_time_page(vdso_time_page_t *page);
// Repairs the page after a writer that ended within `publish`: both copies become the state that readers see.
void repair_time_page(vdso_time_page_t *page);
// The line that readers use.
line_t published_line(const vdso_time_page_t *page);
// Publishes `line`, if no more than `patience` cycles have passed since its base at the moment at which readers would see it; returns
// whether it did. Without `has_coarse`, time() and the coarse clocks are left to the kernel, because readers would use them forever if no
// process were left to mark the page.
int publish(vdso_time_page_t *page, const line_t *line, int has_coarse, uint64_t patience);

#endif
