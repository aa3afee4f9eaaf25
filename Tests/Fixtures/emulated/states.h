// SPDX-License-Identifier: Apache-2.0

// Random states of the pages that keep the producer's side of vdso.h, and random results of the outside world, with extreme values among
// them.

#ifndef STATES_H
#define STATES_H

#include "reference.h"

static uint64_t random_state = 1;

static uint64_t next(void) {
  random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
  return random_state;
}

static uint64_t below(uint64_t bound) { return next() % bound; }

// A number of random size: each count of bits is as likely as any other.
static uint64_t any_size(void) { return next() >> below(64); }

// Sets the longest window after `base` in which nothing carries. It is enough to check its end, because the clock doesn't go back.
static void set_window(vdso_clock_t *clock) {
  uint64_t low = (uint32_t)clock->base, longest = UINT32_MAX - low;
  if (longest > clock->limit) longest = clock->limit;
  unsigned __int128 room = ((unsigned __int128)BILLION << 32) - 1 - (clock->phase + clock->base * clock->mult);
  if (clock->mult && longest > room / clock->mult) longest = (uint64_t)(room / clock->mult);
  clock->window = (uint32_t)(below(2) ? longest : below(longest + 1));
  clock->window_phase = clock->phase + (clock->base - low) * clock->mult;
}

static vdso_clock_t random_clock(const processor_t *p) {
  static const uint64_t rates[] = {1ull << 32, 1717986918, 0, 1, UINT64_MAX, 0x100000001, 42949672960};
  uint32_t sources[] = {VDSO_SOURCE_HOST, VDSO_SOURCE_PUBLISHED, p->counters[0], p->counters[1]};
  vdso_clock_t clock = {.source = sources[below(4)], .resolution = (uint32_t)any_size(), .base = any_size()};
  if (below(4) == 0) clock.base = (next() << 32) - below(1000);  // the low word wraps soon
  if (below(8) == 0) clock.base = -below(1000);                  // and so does the whole
  clock.mult = below(2) ? rates[below(7)] : any_size();
  clock.limit = below(4) ? any_size() : below(2) ? 0 : UINT64_MAX;
  clock.seconds = below(2) ? (int64_t)below(1ull << 33) : (int64_t)any_size() >> 1;
  if (below(4) == 0) clock.seconds = -clock.seconds;
  // The nanoseconds are normalized at the base, as the window's formula requires.
  uint64_t start = below(3) ? below((uint64_t)BILLION << 32) : ((uint64_t)BILLION << 32) - 1 - below(1000);
  clock.phase = start - clock.base * clock.mult;
  if (clock.source == VDSO_SOURCE_PUBLISHED) clock.phase = below(2) ? start : next();
  set_window(&clock);
  return clock;
}

// Results of a line stay before 2106; those of an offset may be any.
static vdso_clock_map_t random_map(void) {
  switch (below(3)) {
    case 0:
      return (vdso_clock_map_t){.kind = VDSO_MAP_IDENTITY, .to = (int64_t)next(), .rate = next()};
    case 1:
      return (vdso_clock_map_t){.kind = VDSO_MAP_OFFSET,
                                .from = (int64_t)(below(2) ? below(BILLION) : below(2) * (BILLION - 1)),
                                .to = (int64_t)below(1ull << 35) - (1ll << 34)};
    default:
      return (vdso_clock_map_t){.kind = VDSO_MAP_LINE,
                                .from = (int64_t)below(2000000000000000000) - 1000000000000000000,
                                .to = (int64_t)below(2000000000000000000),
                                .rate = below(2) ? 1ull << 32 : 1 + (next() >> 29)};
  }
}

static vdso_time_data_t random_data(const processor_t *p) {
  vdso_time_data_t data = {
      .mode = VDSO_MODE_COUNTER, .timezone_minutes_west = (int32_t)next(), .timezone_dst = (int32_t)next()};
  for (int id = 0; id < VDSO_CLOCK_COUNT; id++) data.clocks[id] = random_clock(p), data.maps[id] = random_map();
  return data;
}

// A value of the counter near one of the clock's limits.
static uint64_t random_counter(const vdso_clock_t *clock) {
  const uint64_t places[] = {0,          clock->window, clock->window + 1ull,        clock->limit, clock->limit + 1,
                             UINT64_MAX, any_size(),    below(clock->window + 1ull), -any_size()};
  return clock->base + places[below(9)];
}

// The world for clock `id`: a reading at most six years from the map's anchor, or any reading if the clock has no map.
static inline world_t random_world(const vdso_time_data_t *data, int id) {
  int known = id >= 0 && id < VDSO_CLOCK_COUNT ? id : 0;
  const vdso_clock_map_t *map = &data->maps[known];
  int64_t reading = map->from + (int64_t)below(400000000000000000) - 200000000000000000;
  world_t world = {.seconds = reading / BILLION, .nanoseconds = reading % BILLION, .value = any_size()};
  if (world.nanoseconds < 0) world.seconds--, world.nanoseconds += BILLION;
  // Nanoseconds that only just carry, or only just don't.
  if (map->kind == VDSO_MAP_OFFSET && map->from > 0 && below(2))
    world.nanoseconds = BILLION - map->from - (int64_t)below(2);
  if (map->kind == VDSO_MAP_IDENTITY) world.seconds = below(2) ? (int64_t)any_size() : -(int64_t)(any_size() >> 1);
  world.status = below(8) ? 0 : below(2) ? -22 : -1;
  world.counter = random_counter(&data->clocks[known]);
  return world;
}

static inline void fill_machine(machine_t *m) {
  const uint32_t timekeepers[] = {0, (uint32_t)any_size() & 0x3fffffff,
                                  VDSO_TIMEKEEPER_DIED | (uint32_t)below(1 << 22)};
  m->time->sequence = (uint32_t)next();
  m->time->timekeeper = timekeepers[below(3)] | (below(3) ? VDSO_SECONDS_VALID : 0);
  m->time->seconds = (uint32_t)any_size();
  m->time->copy0 = random_data(m->processor);
  m->time->copy1 = random_data(m->processor);
  m->identity->valid = (uint32_t)next();
  for (int i = 0; i < VDSO_IDENTITY_COUNT; i++) m->identity->words[i] = (uint32_t)next();
  uint64_t *functions = (uint64_t *)host_of(m);
  // The last one, i386's system call entry, is not a C function.
  for (int i = 0; i < 5; i++) functions[i] = below(2) ? HOST + 16 * (unsigned)i : 0;
}

#endif
