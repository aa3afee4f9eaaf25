// SPDX-License-Identifier: Apache-2.0

// The result of each function by vdso.h, computed in 128-bit arithmetic step by step. It shares nothing with the page's products of halves.

#ifndef REFERENCE_H
#define REFERENCE_H

#include "machine.h"

enum { TIME = 0, ZONE = 32, RESULT_BYTES = 64, UNTOUCHED = 0xee };
enum { BILLION = 1000000000 };

// A call's outcome: its return value, all bytes of its results, and its requests to the outside world.
typedef struct {
  uint64_t result;
  int questions, number;
  int64_t first_argument;  // of the question, where it has one
  uint8_t bytes[RESULT_BYTES];
} outcome_t;

typedef struct {
  int64_t seconds, nanoseconds;
} instant_t;

static const vdso_time_data_t *current(const machine_t *m) {
  return m->time->sequence & 1 ? &m->time->copy1 : &m->time->copy0;
}

static vdso_host_t *host_of(const machine_t *m) { return (vdso_host_t *)(m->code + host_offset(m->processor)); }

static int timekeeper_died(const machine_t *m) { return (m->time->timekeeper & VDSO_TIMEKEEPER_DIED) != 0; }

// Whether the page can serve clock `id`, and its reading.
static int page_tells(const machine_t *m, int id, instant_t *instant) {
  if (id < 0 || id >= VDSO_CLOCK_COUNT) return 0;
  const vdso_clock_t *clock = &current(m)->clocks[id];
  unsigned __int128 sum = clock->phase;
  if (clock->source == VDSO_SOURCE_HOST) return 0;
  if (clock->source == VDSO_SOURCE_PUBLISHED) {
    if (timekeeper_died(m)) return 0;
  } else {
    if (m->world.counter - clock->base > clock->limit) return 0;
    sum += (unsigned __int128)m->world.counter * clock->mult;
  }
  uint32_t nanoseconds = (uint32_t)((uint64_t)sum / ((uint64_t)1 << 32));
  instant->seconds = clock->seconds + nanoseconds / BILLION;
  instant->nanoseconds = nanoseconds % BILLION;
  return 1;
}

// Records the request: by the host's function `index` if there is one, else by a trap. Returns 0 if the page makes no request and returns
// ENOSYS.
static int ask(const machine_t *m, outcome_t *o, int index, int number, int64_t argument) {
  const uint64_t *functions = (const uint64_t *)host_of(m);
  int has_function = index >= 0 && functions[index];
  if (!has_function && m->processor->never_traps) return 0;
  o->questions = 1;
  o->number = has_function ? -1 - index : number;
  o->first_argument = argument;
  return 1;
}

enum { ENOSYS_OF_PAGE = -38 };

// The clock's reading, by the page or by the host and the map. Returns the status.
static int32_t tell(const machine_t *m, int id, outcome_t *o, instant_t *instant) {
  if (page_tells(m, id, instant)) return 0;
  // A clock without a map traps.
  int has_map = id >= 0 && id < VDSO_CLOCK_COUNT;
  int host_id = has_map ? id - (int)current(m)->maps[id].below : id;
  if (!ask(m, o, has_map ? 0 : -1, m->processor->numbers.clock_gettime, host_id)) return ENOSYS_OF_PAGE;
  *instant = (instant_t){m->world.seconds, m->world.nanoseconds};
  if (m->world.status != 0 || !has_map) return m->world.status;
  const vdso_clock_map_t *map = &current(m)->maps[id];
  if (map->kind == VDSO_MAP_IDENTITY) return 0;
  if (map->kind == VDSO_MAP_OFFSET) {
    __int128 sum = ((__int128)instant->seconds + map->to) * BILLION + instant->nanoseconds + map->from;
    int64_t rest = (int64_t)((sum % BILLION + BILLION) % BILLION);
    *instant = (instant_t){(int64_t)((sum - rest) / BILLION), rest};
    return 0;
  }
  __int128 distance = (__int128)instant->seconds * BILLION + instant->nanoseconds - map->from;
  if (distance < 0) distance = 0;
  __int128 mapped = map->to + (__int128)((unsigned __int128)distance * map->rate >> 32);
  *instant = (instant_t){(int64_t)(mapped / BILLION), (int64_t)(mapped % BILLION)};
  return 0;
}

static void store(outcome_t *o, int place, int64_t value, int size) { memcpy(o->bytes + place, &value, (size_t)size); }

static void store_pair(outcome_t *o, int64_t first, int64_t second, int size) {
  store(o, TIME, first, size);
  store(o, TIME + size, second, size);
}

// gettimeofday with both results, or with the first one only.
static void tell_day(const machine_t *m, const uint64_t *arguments, outcome_t *o, int word) {
  instant_t instant;
  if (arguments[1]) {
    store(o, ZONE, current(m)->timezone_minutes_west, 4);
    store(o, ZONE + 4, current(m)->timezone_dst, 4);
  }
  if (!arguments[0]) return;
  int32_t status = tell(m, 0, o, &instant);
  o->result = (uint64_t)(int64_t)status;
  if (status == 0) store_pair(o, instant.seconds, instant.nanoseconds / 1000, word);
}

static void tell_seconds(const machine_t *m, const uint64_t *arguments, outcome_t *o, int word) {
  int64_t seconds = word == 4 ? (int32_t)m->time->seconds : (int64_t)m->time->seconds;
  if (!(m->time->timekeeper & VDSO_SECONDS_VALID) || timekeeper_died(m)) {
    if (m->processor->arch == UC_ARCH_X86 && word == 8 && host_of(m)->time &&
        current(m)->maps[VDSO_CLOCK_REALTIME_COARSE].kind == VDSO_MAP_IDENTITY) {
      ask(m, o, 2, 0, (int64_t)arguments[0]);
      o->result = m->world.value;
      return;
    }
    instant_t instant;
    int32_t status = tell(m, 5, o, &instant);
    seconds = status == 0 ? instant.seconds : status;
  }
  o->result = (uint64_t)seconds;
  if (arguments[0]) store(o, TIME, seconds, word);
}

// The host's result if there is a host to ask, whatever the page has for the clock.
static void tell_resolution(const machine_t *m, const uint64_t *arguments, outcome_t *o, int word) {
  int32_t id = (int32_t)arguments[0];
  if (m->processor->never_traps && id >= 0 && id < VDSO_CLOCK_COUNT &&
      current(m)->clocks[id].source != VDSO_SOURCE_HOST) {
    if (arguments[1]) store_pair(o, 0, current(m)->clocks[id].resolution, word);
    return;
  }
  o->result = ask(m, o, 1, m->processor->numbers.clock_getres, id) ? m->world.value : (uint64_t)ENOSYS_OF_PAGE;
}

static void tell_identity(const machine_t *m, int word, outcome_t *o) {
  o->result = m->identity->words[word];
  if (m->identity->valid >> word & 1) return;
  o->result = ask(m, o, -1, m->processor->numbers.identity[word], 0) ? m->world.value : (uint64_t)ENOSYS_OF_PAGE;
}

// The outcome that a call of symbol `id` must have in the machine's state.
static outcome_t expected(const machine_t *m, int id, const uint64_t *arguments) {
  outcome_t o = {0};
  instant_t instant;
  int word = m->processor->bits / 8;
  memset(o.bytes, UNTOUCHED, RESULT_BYTES);
  switch (id) {
    case VDSO_SYM_CLOCK_GETTIME:
    case VDSO_SYM_CLOCK_GETTIME64: {
      int32_t status = tell(m, (int32_t)arguments[0], &o, &instant);
      o.result = (uint64_t)(int64_t)status;
      if (status == 0) store_pair(&o, instant.seconds, instant.nanoseconds, id == VDSO_SYM_CLOCK_GETTIME ? word : 8);
      break;
    }
    case VDSO_SYM_GETTIMEOFDAY:
      tell_day(m, arguments, &o, word);
      break;
    case VDSO_SYM_TIME:
      tell_seconds(m, arguments, &o, word);
      break;
    case VDSO_SYM_CLOCK_GETRES:
      tell_resolution(m, arguments, &o, word);
      break;
    case VDSO_SYM_GETPID:
      tell_identity(m, VDSO_IDENTITY_PID, &o);
      break;
    case VDSO_SYM_GETPPID:
      tell_identity(m, VDSO_IDENTITY_PPID, &o);
      break;
    case VDSO_SYM_GETUID:
      tell_identity(m, VDSO_IDENTITY_UID, &o);
      break;
    case VDSO_SYM_GETEUID:
      tell_identity(m, VDSO_IDENTITY_EUID, &o);
      break;
    case VDSO_SYM_GETGID:
      tell_identity(m, VDSO_IDENTITY_GID, &o);
      break;
    case VDSO_SYM_GETEGID:
      tell_identity(m, VDSO_IDENTITY_EGID, &o);
      break;
    case VDSO_SYM_GETCPU:
    case VDSO_SYM_GETRANDOM:
      o.result = ask(m, &o, id == VDSO_SYM_GETCPU ? 3 : 4,
                     id == VDSO_SYM_GETCPU ? m->processor->numbers.getcpu : m->processor->numbers.getrandom,
                     (int64_t)arguments[0])
                     ? m->world.value
                     : (uint64_t)ENOSYS_OF_PAGE;
  }
  return o;
}

// Whether the register holds the result of a function that returns `int`, or a native word.
static int is_result(const machine_t *m, int id, uint64_t wanted) {
  int is_word = id == VDSO_SYM_TIME || id == VDSO_SYM_GETCPU || id == VDSO_SYM_GETRANDOM;
  return is_word && m->processor->bits == 64 ? m->result == wanted : (uint32_t)m->result == (uint32_t)wanted;
}

// Compares the machine's last call with the required outcome. Returns NULL, or a description of the difference.
static inline const char *difference(const machine_t *m, int id, const outcome_t *o) {
  uint64_t argument = m->question.arguments[0];
  if (m->fault[0]) return m->fault;
  if (m->questions != o->questions) return o->questions ? "it must ask the world outside once" : "it must not ask";
  if (o->questions && m->question.number != o->number) return "it asks another question";
  if (o->questions && o->first_argument != 0 && (uint32_t)argument != (uint32_t)o->first_argument)
    return "it asks with another argument";
  if (!is_result(m, id, o->result)) return "its result is wrong";
  if (memcmp(m->results, o->bytes, RESULT_BYTES)) return "what it stored is wrong";
  return NULL;
}

#endif
