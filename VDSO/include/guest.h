// SPDX-License-Identifier: Apache-2.0

// The C parts of the guest code: the pages at the addresses where the linker puts them, loads that the compiler may neither repeat, merge
// nor reorder, and the architecture's own instructions (arch.h of Arch/<architecture>).
//
// Plain loads are not enough: the compiler moves them out of a loop in which it sees no writer.

#ifndef GUEST_H
#define GUEST_H

#include <vdso.h>

#define GUEST_INLINE static inline __attribute__((always_inline))

// A cycle counter's value in halves, as x86 has it. The low half is below 2^32, in a register that needs no widening before it is
// multiplied.
typedef struct {
  unsigned long low;
  uint32_t high;
} guest_counter_t;

#include "arch.h"

// Linux's timespec of 64-bit seconds: `struct timespec` on 64-bit architectures, `struct __kernel_timespec` on i386.
typedef struct {
  int64_t seconds;
  int64_t nanoseconds;
} guest_timespec64_t;

// A pair of native words: `struct timespec` or `struct timeval`; on i386 the ones of 32-bit time.
#ifdef __i386__
typedef int32_t guest_word_t;
typedef struct {
  guest_word_t seconds;
  guest_word_t nanoseconds;
} guest_native_time_t;
#else
typedef int64_t guest_word_t;
typedef guest_timespec64_t guest_native_time_t;
#endif

// `struct timezone`.
typedef struct {
  int32_t minutes_west;
  int32_t dst;
} guest_timezone_t;

// The pages. i386 has no addresses relative to the program counter. There a call of the next instruction, which processors don't predict as
// a call that returns, gives the address of the code page, and the other pages lie before it.
#ifdef __i386__
GUEST_INLINE char *guest_base(void) {
  char *base;
  __asm__("call 1f\n1:\n.cfi_adjust_cfa_offset 4\n\tpopl %0\n.cfi_adjust_cfa_offset -4\n\tandl %1, %0"
          : "=r"(base)
          : "i"(-VDSO_PAGE_SIZE)
          : "cc");
  return base;
}
#define guest_time_page() ((vdso_time_page_t *)(guest_base() - 2 * VDSO_PAGE_STRIDE))
#define guest_identity_page() ((vdso_identity_page_t *)(guest_base() - VDSO_PAGE_STRIDE))
#define guest_host() ((vdso_host_t *)(guest_base() + VDSO_HOST_OFFSET_I386))
#else
extern vdso_time_page_t vdso_time_page __attribute__((visibility("hidden")));
extern vdso_identity_page_t vdso_identity_page __attribute__((visibility("hidden")));
extern vdso_host_t vdso_host __attribute__((visibility("hidden")));
#define guest_time_page() (&vdso_time_page)
#define guest_identity_page() (&vdso_identity_page)
#define guest_host() (&vdso_host)
#endif

#define GUEST_LOAD(place) (*(const volatile __typeof__(place) *)&(place))

GUEST_INLINE uint32_t guest_sequence(void) { return GUEST_LOAD(guest_time_page()->sequence); }

GUEST_INLINE int guest_timekeeper_died(void) {
  return (GUEST_LOAD(guest_time_page()->timekeeper) & VDSO_TIMEKEEPER_DIED) != 0;
}

// The page's seconds, and the word that says whether they are valid.
typedef struct {
  int32_t timekeeper;
  uint32_t seconds;
} guest_date_t;

GUEST_INLINE guest_date_t guest_date(void) {
#ifdef __i386__
  int32_t timekeeper = (int32_t)GUEST_LOAD(guest_time_page()->timekeeper);
  return (guest_date_t){.timekeeper = timekeeper, .seconds = GUEST_LOAD(guest_time_page()->seconds)};
#else
  uint64_t pair = *(const volatile uint64_t *)&guest_time_page()->timekeeper;  // little endian
  return (guest_date_t){.timekeeper = (int32_t)pair, .seconds = (uint32_t)(pair >> 32)};
#endif
}

// Whether VDSO_SECONDS_VALID is set and VDSO_TIMEKEEPER_DIED is not: signed numbers below all others.
GUEST_INLINE int guest_seconds_are_valid(guest_date_t date) {
  return date.timekeeper < (int32_t)(VDSO_SECONDS_VALID | VDSO_TIMEKEEPER_DIED);
}

GUEST_INLINE int guest_identity_is_valid(uint32_t index) {
  return (GUEST_LOAD(guest_identity_page()->valid) >> index) & 1;
}

GUEST_INLINE uint32_t guest_identity_word(uint32_t index) { return GUEST_LOAD(guest_identity_page()->words[index]); }

GUEST_INLINE const vdso_time_data_t *guest_time_data(uint32_t sequence) {
  return (const vdso_time_data_t *)((const char *)&guest_time_page()->copy0 + ((sequence & 1) << 11));
}

GUEST_INLINE const vdso_clock_t *guest_clock(const vdso_time_data_t *data, uint32_t id) { return &data->clocks[id]; }

GUEST_INLINE const vdso_clock_map_t *guest_clock_map(const vdso_time_data_t *data, uint32_t id) {
  return &data->maps[id];
}

#define GUEST_FIELD(type, structure, field) \
  GUEST_INLINE type structure##_##field(const structure##_t *p) { return GUEST_LOAD(p->field); }

GUEST_FIELD(int32_t, vdso_time_data, timezone_minutes_west)
GUEST_FIELD(int32_t, vdso_time_data, timezone_dst)
GUEST_FIELD(uint32_t, vdso_time_data, traps)
GUEST_FIELD(uint32_t, vdso_clock, source)
GUEST_FIELD(uint32_t, vdso_clock, resolution)
GUEST_FIELD(uint64_t, vdso_clock, base)
GUEST_FIELD(uint64_t, vdso_clock, limit)
GUEST_FIELD(uint64_t, vdso_clock, mult)
GUEST_FIELD(uint64_t, vdso_clock, phase)
GUEST_FIELD(int64_t, vdso_clock, seconds)
GUEST_FIELD(uint64_t, vdso_clock, window_phase)
GUEST_FIELD(uint32_t, vdso_clock, window)
GUEST_FIELD(int64_t, vdso_clock_map, from)
GUEST_FIELD(int64_t, vdso_clock_map, to)
GUEST_FIELD(uint64_t, vdso_clock_map, rate)
GUEST_FIELD(uint32_t, vdso_clock_map, kind)
GUEST_FIELD(uint32_t, vdso_clock_map, below)

// High word of phase + counter * mult. The halves of the counter are multiplied separately, so neither waits for the other.
GUEST_INLINE uint32_t guest_nanoseconds(guest_counter_t counter, uint64_t mult, uint64_t phase) {
  return (uint32_t)((counter.low * mult + phase) >> 32) + counter.high * (uint32_t)mult;
}

// Whether the counter is in the clock's window.
GUEST_INLINE int guest_is_in_window(guest_counter_t counter, const vdso_clock_t *clock) {
  const volatile uint32_t *base = (const volatile uint32_t *)&clock->base;  // little endian
  return counter.high == base[1] && (uint32_t)counter.low - base[0] <= GUEST_LOAD(clock->window);
}

#ifdef __i386__
// Whether the clock gains less than a nanosecond per cycle: then one product of two words is enough. Slower counters don't occur on this
// architecture, and are handled by the general way.
GUEST_INLINE int guest_has_short_factor(const vdso_clock_t *clock) {
  return ((const volatile uint32_t *)&clock->mult)[1] == 0;
}
#define guest_window_factor(clock) ((uint64_t) * (const volatile uint32_t *)&(clock)->mult)
#else
GUEST_INLINE int guest_has_short_factor(const vdso_clock_t *clock) { return (void)clock, 1; }
#define guest_window_factor(clock) GUEST_LOAD((clock)->mult)
#endif

// The clock's nanoseconds while the counter is in the window and the factor short.
GUEST_INLINE uint32_t guest_window_nanoseconds(guest_counter_t counter, const vdso_clock_t *clock) {
  return (uint32_t)((counter.low * guest_window_factor(clock) + GUEST_LOAD(clock->window_phase)) >> 32);
}

// distance * rate / 2^32, of which 64 bits are kept, in products of 32-bit halves. On these architectures that is faster than one product
// of 128 bits and its shift.
GUEST_INLINE uint64_t guest_scaled(uint64_t distance, uint64_t rate) {
  uint64_t low = (uint32_t)distance, high = distance >> 32, part = (uint32_t)rate;
  return (low * part >> 32) + high * part + distance * (rate >> 32);
}

#ifndef __i386__
// Whole seconds in a count of nanoseconds below 2^63: one product with 2^93 / 1,000,000,000 rounded up. The compiler's division, which
// works for 2^64, shifts its dividend first.
GUEST_INLINE uint64_t guest_seconds(uint64_t nanoseconds) {
  return (uint64_t)((unsigned __int128)nanoseconds * 9903520314283042200u >> 93);
}
#endif

GUEST_INLINE uint64_t guest_cycles(guest_counter_t counter) { return (uint64_t)counter.high << 32 | counter.low; }

GUEST_INLINE uint32_t guest_high_word(uint64_t value) { return (uint32_t)(value >> 32); }

// Returns the value unchanged, but hides it from the compiler, which would otherwise make a division of a subtracting loop, or keep a
// computed value.
GUEST_INLINE uint32_t guest_opaque(uint32_t value) {
  __asm__("" : "+r"(value));
  return value;
}

// The low word of a 64-bit value. Swift's own conversion is a call if the optimizer saves space.
GUEST_INLINE guest_word_t guest_native_word(int64_t value) { return (guest_word_t)value; }
GUEST_INLINE uint32_t guest_word32(int64_t value) { return (uint32_t)value; }

// Uninitialized memory for a result: Swift has no variable without a value, and zeros would cost stores.
GUEST_INLINE guest_timespec64_t guest_unset_timespec64(void) {
  guest_timespec64_t time;
  __asm__("" : "=m"(time));
  return time;
}

// Whether a host can be asked for what the page doesn't have: on GNU Mach every trap gives ENOSYS.
#if VDSO_FLAVOR_MACH
GUEST_INLINE int guest_has_host(void) { return 0; }
#else
GUEST_INLINE int guest_has_host(void) { return 1; }
#endif

#ifdef __i386__
// Defined in entry.S: calls the host's function for a clock without a map, else vdso_any_time; neither has a frame below the caller's.
int32_t vdso_slow_path_time(int32_t id, guest_timespec64_t *time);
GUEST_INLINE int32_t guest_slow_path_time(int32_t id, guest_timespec64_t *time) {
  return vdso_slow_path_time(id, time);
}
#endif

#define GUEST_HOST_FUNCTION(result, name, parameters, arguments)                              \
  GUEST_INLINE int guest_host_has_##name(void) { return (uintptr_t)guest_host()->name != 0; } \
  GUEST_INLINE result guest_host_##name parameters {                                          \
    return ((result(*) parameters)(uintptr_t)guest_host()->name)arguments;                    \
  }

GUEST_HOST_FUNCTION(int32_t, clock_gettime, (int32_t id, guest_timespec64_t *time), (id, time))
GUEST_HOST_FUNCTION(long, time, (guest_word_t * time), (time))
GUEST_HOST_FUNCTION(int32_t, clock_getres, (int32_t id, guest_native_time_t *resolution), (id, resolution))
GUEST_HOST_FUNCTION(long, getcpu, (uint32_t * cpu, uint32_t *node, void *unused), (cpu, node, unused))
GUEST_HOST_FUNCTION(long, getrandom,
                    (void *buffer, unsigned long size, uint32_t flags, void *state, unsigned long state_size),
                    (buffer, size, flags, state, state_size))
GUEST_HOST_FUNCTION(long, arch_specific,
                    (void *pairs, unsigned long pair_count, unsigned long cpu_count, void *cpus, uint32_t flags),
                    (pairs, pair_count, cpu_count, cpus, flags))

#endif
