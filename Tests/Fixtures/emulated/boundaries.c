// SPDX-License-Identifier: Apache-2.0

// Stops a reader before each of its instructions, lets a writer change the time page, wholly or in part, and continues the reader: its
// result must belong to one state.
// Usage: boundaries ARCHITECTURE PAGE SEED FLAW. FLAW 0 is the writer of vdso.h. With 1 the sequence stays as it is, with 2 it changes
// after both copies, with 3 before them. Exits with 0 if all results are whole, and with 1 if one is torn.

#include "states.h"

// The steps of the writer: two change the sequence, and each of the others changes one word of a copy.
enum { WORDS = (int)sizeof(vdso_time_data_t) / 8, STEPS = 2 * WORDS + 3 };

static vdso_time_data_t states[2];
// The counter before anything is written, and afterwards.
static uint64_t counters[2];
static int flaw, stop_at[2], steps_until[2], boundary, written;

static void copy_word(machine_t *m, int copy, int word) {
  vdso_time_data_t *data = copy ? &m->time->copy1 : &m->time->copy0;
  memcpy((char *)data + 8 * word, (char *)&states[1] + 8 * word, 8);
}

static void write_step(machine_t *m, int step) {
  int sequence_steps[4][2] = {{0, WORDS + 1}, {-1, -1}, {2 * WORDS, 2 * WORDS + 1}, {0, 1}};
  int copied = step;
  for (int i = 0; i < 2; i++) {
    if (step == sequence_steps[flaw][i]) {
      m->time->sequence++;
      return;
    }
    copied -= step > sequence_steps[flaw][i] && sequence_steps[flaw][i] >= 0;
  }
  if (copied < 2 * WORDS)
    copy_word(m, copied / WORDS, copied % WORDS);
  else
    m->time->seconds = states[1].clocks[VDSO_CLOCK_REALTIME_COARSE].seconds;
}

// The writer works at two boundaries, and does a given number of steps at each.
static void write_at_boundary(machine_t *m) {
  for (int i = 0; i < 2; i++)
    if (boundary == stop_at[i])
      while (written < steps_until[i]) write_step(m, written++);
  if (written > 0) m->world.counter = counters[1];
  boundary++;
}

// The old state before the writer came, the old state after it came, and the new state.
enum { OUTCOMES = 3 };

typedef struct {
  const char *name;
  int id, argument_count;
  uint64_t arguments[2];
} reader_t;

static void reset(machine_t *m) {
  m->time->sequence = 8;
  m->time->seconds = states[0].clocks[VDSO_CLOCK_REALTIME_COARSE].seconds;
  m->time->copy0 = m->time->copy1 = states[0];
  memset(m->results, UNTOUCHED, RESULT_BYTES);
  m->world.counter = counters[0];
  boundary = written = 0;
}

// The result that the reader must return in one of the two states and at one of the two counters.
static outcome_t whole(machine_t *m, const reader_t *reader, int state, uint64_t counter) {
  m->world.counter = counter;
  m->time->sequence = 8;
  m->time->copy0 = states[state];
  m->time->seconds = states[state].clocks[VDSO_CLOCK_REALTIME_COARSE].seconds;
  return expected(m, reader->id, reader->arguments);
}

static int run(machine_t *m, const reader_t *reader, int first, int first_steps, int second, int second_steps,
               const outcome_t outcomes[OUTCOMES]) {
  stop_at[0] = first, steps_until[0] = first_steps, stop_at[1] = second, steps_until[1] = second_steps;
  reset(m);
  call(m, reader->id, reader->arguments, reader->argument_count, RESULT_BYTES);
  for (int i = 0; i < OUTCOMES; i++)
    if (!m->fault[0] && is_result(m, reader->id, outcomes[i].result) &&
        memcmp(m->results, outcomes[i].bytes, RESULT_BYTES) == 0)
      return 1;
  if (flaw == 0)
    printf("failed: %s torn by a writer at %d to step %d, at %d to step %d: %s\n", reader->name, first, first_steps,
           second, second_steps, m->fault);
  return 0;
}

// Tries all boundaries of one reader. Returns the number of runs, and adds the torn results to `torn`.
static int check_reader(machine_t *m, const reader_t *reader, int *torn) {
  const outcome_t outcomes[OUTCOMES] = {whole(m, reader, 0, counters[0]), whole(m, reader, 0, counters[1]),
                                        whole(m, reader, 1, counters[1])};
  int runs = 0;
  for (int at = 0;; at++) {
    // The writer does all of its steps.
    *torn += !run(m, reader, at, STEPS, -1, 0, outcomes);
    if (at >= m->steps) return runs;
    // The writer does a part of its steps, and dies there or continues at a later boundary.
    for (int i = 0; i < 30; i++) {
      int part = 1 + (int)below(STEPS), later = i & 1 ? at + (int)below(40) : -1;
      *torn += !run(m, reader, at, part, later, STEPS, outcomes);
    }
    runs += 31;
  }
}

// Makes two states that differ in everything that a reader uses, and agree with the counter. If the counter moves, the base of the second
// state is ahead of the counter that a reader has read before the writer came.
// reader has read before the writer came.
static void make_states(machine_t *m, uint32_t source, int in_window, int moves, const uint32_t maps[2]) {
  counters[0] = m->world.counter;
  counters[1] = counters[0] + (moves ? 2000 : 0);
  for (int i = 0; i < 2; i++) {
    memset(&states[i], 0, sizeof states[i]);
    for (int id = 0; id < VDSO_CLOCK_COUNT; id++) {
      vdso_clock_t clock = {.source = source, .resolution = 1 + (uint32_t)i, .base = next() >> 2, .limit = UINT32_MAX};
      // i386 has a shorter path for rates below 2^32.
      clock.mult = (moves ? 1ull << 31 : 1ull << 32) + below(1ull << 31);
      clock.seconds = (int64_t)below(1ull << 31);
      // In both states the counter is inside the window, or past it.
      clock.base = counters[i] - below(1000) - 1;
      clock.phase = (below(900000000) << 32) - (source > VDSO_SOURCE_PUBLISHED ? clock.base * clock.mult : 0);
      set_window(&clock);
      clock.window = in_window ? 4000 : 0;
      states[i].clocks[id] = clock;
      states[i].maps[id] = (vdso_clock_map_t){.from = (int64_t)below(1ull << 29),
                                              .to = (int64_t)below(1ull << 60),
                                              .rate = 1ull << 32 << i,
                                              .kind = maps[i]};
    }
  }
}

int main(int count, char **arguments) {
  const processor_t *processor = count == 5 ? find_processor(arguments[1]) : NULL;
  if (processor == NULL) return 2;
  random_state = strtoull(arguments[3], NULL, 10) | 1;
  flaw = atoi(arguments[4]);
  machine_t m = make_machine(processor, arguments[2]);
  add_hooks(&m);
  m.at_boundary = write_at_boundary;
  const reader_t readers[] = {
      {"clock_gettime", VDSO_SYM_CLOCK_GETTIME, 2, {1, RESULTS}},
      {"clock_gettime64", VDSO_SYM_CLOCK_GETTIME64, 2, {1, RESULTS}},
      {"gettimeofday", VDSO_SYM_GETTIMEOFDAY, 2, {RESULTS, 0}},
      {"time", VDSO_SYM_TIME, 1, {RESULTS}},
      {"clock_getres", VDSO_SYM_CLOCK_GETRES, 2, {1, RESULTS}},
  };
  const struct {
    uint32_t source;
    int in_window, moves;
    uint32_t maps[2];
  } kinds[] = {{processor->counters[0], 1, 0, {0, 0}},
               {processor->counters[1], 0, 0, {0, 0}},
               {processor->counters[0], 1, 1, {0, 0}},
               {processor->counters[0], 0, 1, {0, 0}},
               {VDSO_SOURCE_PUBLISHED, 0, 0, {0, 0}},
               {VDSO_SOURCE_HOST, 0, 0, {VDSO_MAP_LINE, VDSO_MAP_LINE}},
               {VDSO_SOURCE_HOST, 0, 0, {VDSO_MAP_OFFSET, VDSO_MAP_LINE}}};
  int runs = 0, torn = 0;
  for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
    m.world = (world_t){.seconds = 2000, .nanoseconds = 5, .value = 3, .counter = (1ull << 40) + below(1ull << 31)};
    make_states(&m, kinds[kind].source, kinds[kind].in_window, kinds[kind].moves, kinds[kind].maps);
    for (size_t i = 0; i < sizeof readers / sizeof *readers && torn < 5; i++)
      if (word_at(m.code + slot_offset(processor, readers[i].id)) != 0) runs += check_reader(&m, &readers[i], &torn);
  }
  printf("%d torn values in %d runs\n", torn, runs);
  return torn != 0;
}
