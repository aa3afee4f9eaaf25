// SPDX-License-Identifier: Apache-2.0

// vdso_clocks.h: the clocks of the time page, a part of vdso.h.

#ifndef VDSO_CLOCKS_H
#define VDSO_CLOCKS_H

#include <stddef.h>
#include <stdint.h>

// The clocks, by Linux's numbers: X(number, name, what it measures, how it is read). A number is an index into the page's state; a clock
// with another number traps. What it measures: a DATE, an UPTIME, or processor time (CPU). How it is read: exactly (FINE), as of the last
// tick (COARSE), or by the host alone (HOST).
#define VDSO_CLOCKS(X)                   \
  X(0, REALTIME, DATE, FINE)             \
  X(1, MONOTONIC, UPTIME, FINE)          \
  X(2, PROCESS_CPUTIME_ID, CPU, HOST)    \
  X(3, THREAD_CPUTIME_ID, CPU, HOST)     \
  X(4, MONOTONIC_RAW, UPTIME, FINE)      \
  X(5, REALTIME_COARSE, DATE, COARSE)    \
  X(6, MONOTONIC_COARSE, UPTIME, COARSE) \
  X(7, BOOTTIME, UPTIME, FINE)           \
  X(8, REALTIME_ALARM, DATE, HOST)       \
  X(9, BOOTTIME_ALARM, UPTIME, HOST)     \
  X(11, TAI, DATE, FINE)

#define VDSO_CLOCK_COUNT 12

// VDSO_CLOCK_REALTIME and so on.
#define VDSO_CLOCK_NUMBER(number, name, what, how) VDSO_CLOCK_##name = number,
enum { VDSO_CLOCKS(VDSO_CLOCK_NUMBER) };
#undef VDSO_CLOCK_NUMBER

enum { VDSO_MEASURE_NONE = 0, VDSO_MEASURE_DATE, VDSO_MEASURE_UPTIME, VDSO_MEASURE_CPU };
enum { VDSO_READING_NONE = 0, VDSO_READING_FINE, VDSO_READING_COARSE, VDSO_READING_HOST };

// The columns of clock `number`; NULL and zeros if the table doesn't have it.
#define VDSO_CLOCK_NAME(number, name, what, how) \
  case number:                                   \
    return "CLOCK_" #name;
static inline const char *vdso_clock_name(int32_t number) {
  switch (number) { VDSO_CLOCKS(VDSO_CLOCK_NAME) }
  return NULL;
}
#undef VDSO_CLOCK_NAME

#define VDSO_CLOCK_MEASURE(number, name, what, how) \
  case number:                                      \
    return VDSO_MEASURE_##what;
static inline int vdso_clock_measure(int32_t number) {
  switch (number) { VDSO_CLOCKS(VDSO_CLOCK_MEASURE) }
  return VDSO_MEASURE_NONE;
}
#undef VDSO_CLOCK_MEASURE

#define VDSO_CLOCK_READING(number, name, what, how) \
  case number:                                      \
    return VDSO_READING_##how;
static inline int vdso_clock_reading(int32_t number) {
  switch (number) { VDSO_CLOCKS(VDSO_CLOCK_READING) }
  return VDSO_READING_NONE;
}
#undef VDSO_CLOCK_READING

// Where a clock's reading comes from: the host, the page, or the cycle counter by one of several instructions, each in
// order with the loads before it.
enum {
  VDSO_SOURCE_HOST = 0,           // the host's function or a trap, in any mode
  VDSO_SOURCE_PUBLISHED = 1,      // seconds and phase as they stand, no counter read
  VDSO_COUNTER_LFENCE_RDTSC = 2,  // x86 with SSE2
  VDSO_COUNTER_RDTSCP = 3,        // x86
  VDSO_COUNTER_CNTVCT = 4,        // AArch64: isb; mrs cntvct_el0
  VDSO_COUNTER_CNTVCTSS = 5,      // AArch64 with FEAT_ECV: mrs cntvctss_el0
  VDSO_COUNTER_RDTIME = 6,        // RISC-V
};

// One clock. Its value is `seconds`, and as many nanoseconds as the high word of
//     phase + counter * mult    with a counter as source, modulo 2^64,
//     phase                     published:
// both are fixed-point numbers with 32 bits behind the point, and phase is taken for the counter at 0, so that nothing
// has to be subtracted. The nanoseconds stay below 2^32 while counter - base, unsigned, is at most `limit`; beyond it the
// page is too old, or the counter behind its base, and readers ask the host.
//
// While counter - base is at most `window`, nothing carries: neither the nanoseconds into the seconds nor the low word of
// the counter into its high word, and the nanoseconds are the high word of
//     window_phase + (low word of counter) * mult,
// which takes less time. A window of 0 still holds the base itself, so window_phase has to be right there too.
typedef struct {
  uint32_t source;      // VDSO_SOURCE_* or VDSO_COUNTER_*
  uint32_t resolution;  // nanoseconds
  uint64_t base;        // the counter when the clock's state was made
  uint64_t limit;       // cycles
  uint64_t mult;        // nanoseconds per cycle, 32.32
  uint64_t phase;       // nanoseconds, 32.32
  int64_t seconds;
  uint64_t window_phase;  // nanoseconds, 32.32
  uint32_t window;        // cycles
  uint32_t reserved;
} __attribute__((aligned(8))) vdso_clock_t;

// The map of one clock: what a reading r of the host's clock becomes, by `kind`.
//
// VDSO_MAP_OFFSET: r + to seconds + from nanoseconds, which are at least 0 and below 1,000,000,000. Seconds and nanoseconds are added
// separately: a sum in nanoseconds would have to be divided.
//
// VDSO_MAP_LINE: to + (r - from) * rate / 2^32, all in nanoseconds. A reading before `from` counts as `from`. The result lies between the
// years 1970 and 2262, on i386 2106.
typedef struct {
  int64_t from;
  int64_t to;
  uint64_t rate;   // 32.32
  uint32_t kind;   // VDSO_MAP_*
  uint32_t below;  // the host's clock that is read, by its number: so far below this one's
} __attribute__((aligned(8))) vdso_clock_map_t;

enum {
  VDSO_MAP_IDENTITY = 0,
  VDSO_MAP_OFFSET = 1,
  VDSO_MAP_LINE = 2,
};

#endif
