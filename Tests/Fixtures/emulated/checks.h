// SPDX-License-Identifier: Apache-2.0

// One random call of a machine, compared with the reference.

#ifndef CHECKS_H
#define CHECKS_H

#include "states.h"

static int failures, is_quiet;

static void report(const machine_t *m, int id, const uint64_t *arguments, int index, const char *what) {
  if (++failures > 5 || is_quiet) return;
  printf("failed: call %d, symbol %d (0x%llx, 0x%llx): %s; result 0x%llx, %d questions, number %d\n", index, id,
         (unsigned long long)arguments[0], (unsigned long long)arguments[1], what, (unsigned long long)m->result,
         m->questions, m->question.number);
}

static int32_t random_clock_id(void) {
  static const int32_t bad[] = {-1, 12, 99, INT32_MAX, INT32_MIN, -2147483647};
  return below(8) ? (int32_t)below(VDSO_CLOCK_COUNT) : bad[below(6)];
}

// Makes the arguments of symbol `id`. Pointers lead to the results, or, where that is allowed, are null.
static int make_arguments(int id, int32_t clock, uint64_t arguments[5]) {
  memset(arguments, 0, 5 * sizeof *arguments);
  switch (id) {
    case VDSO_SYM_CLOCK_GETTIME:
    case VDSO_SYM_CLOCK_GETTIME64:
    case VDSO_SYM_CLOCK_GETRES:
      arguments[0] = (uint32_t)clock;
      arguments[1] = id == VDSO_SYM_CLOCK_GETRES && below(4) == 0 ? 0 : RESULTS + TIME;
      return 2;
    case VDSO_SYM_GETTIMEOFDAY:
      arguments[0] = below(4) ? RESULTS + TIME : 0;
      arguments[1] = below(2) ? RESULTS + ZONE : 0;
      return 2;
    case VDSO_SYM_TIME:
      arguments[0] = below(2) ? RESULTS + TIME : 0;
      return 1;
    case VDSO_SYM_GETCPU:
    case VDSO_SYM_GETRANDOM:
      arguments[0] = RESULTS, arguments[1] = 16;
      return id == VDSO_SYM_GETCPU ? 3 : 5;
    default:
      return 0;
  }
}

static int has_slot(const machine_t *m, int id) { return word_at(m->code + slot_offset(m->processor, id)) != 0; }

static void check_call(machine_t *m, int index, int *without_question) {
  int id = (int)below(VDSO_SYM_COUNT);
  if (!has_slot(m, id)) return;
  int32_t clock = id == VDSO_SYM_TIME ? 5 : id == VDSO_SYM_GETTIMEOFDAY ? 0 : random_clock_id();
  uint64_t arguments[5];
  int count = make_arguments(id, clock, arguments);
  fill_machine(m);
  m->world = random_world(current(m), clock);
  memset(m->results, UNTOUCHED, 4096);
  outcome_t wanted = expected(m, id, arguments);
  call(m, id, arguments, count, RESULT_BYTES);
  const char *what = difference(m, id, &wanted);
  if (what) report(m, id, arguments, index, what);
  *without_question += m->questions == 0;
}

#endif
