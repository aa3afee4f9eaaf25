// Calls every entry slot of a code page on an emulated processor, with random pages, and compares result, stores, loads
// and questions to the world outside with the reference.
// Usage: calls ARCHITECTURE PAGE SEED CALLS. Prints the first failures and a summary; exits with 0 when there is none.

#include "checks.h"

static int changes_left;

static void change_sequence(machine_t *m) {
  if (changes_left > 0) changes_left--, m->time->sequence += 2;
}

// A sequence that is another at each look: readers of an unmapped clock give up after VDSO_MAX_ATTEMPTS and ask once; those
// of a mapped one go on for as long as it changes, for there is no answer without the map.
static void check_restless_sequence(machine_t *m) {
  uint64_t arguments[5] = {1, RESULTS};
  int id = m->processor->bits == 32 ? VDSO_SYM_CLOCK_GETTIME64 : VDSO_SYM_CLOCK_GETTIME;
  for (int mapped = 0; mapped < 2; mapped++) {
    fill_machine(m);
    vdso_clock_t clock = {.source = m->processor->counters[0], .mult = 1ull << 32, .limit = UINT32_MAX, .seconds = 5};
    set_window(&clock);
    m->world = (world_t){.seconds = 7, .nanoseconds = 9, .counter = 1000};
    for (int copy = 0; copy < 2; copy++) {
      vdso_time_data_t *data = copy ? &m->time->copy1 : &m->time->copy0;
      data->clocks[1] = clock;
      data->maps[1] = (vdso_clock_map_t){.anchor_to = 1000, .rate = mapped ? 1ull << 32 : 0};
    }
    changes_left = mapped ? 1000 : INT32_MAX;
    m->after_sequence = change_sequence;
    call(m, id, arguments, 2, RESULT_BYTES);
    m->after_sequence = NULL;
    int64_t told[2];
    memcpy(told, m->results, 16);
    int attempts = m->sequence_loads / 2;
    if (m->fault[0]) report(m, id, arguments, -1, m->fault);
    else if (!mapped && (m->questions != 1 || attempts < VDSO_MAX_ATTEMPTS || attempts > VDSO_MAX_ATTEMPTS + 2))
      report(m, id, arguments, attempts, "it must give up after VDSO_MAX_ATTEMPTS and ask once");
    else if (told[0] != 7 || told[1] != (mapped ? 1009 : 9))
      report(m, id, arguments, mapped, "the host's reading is not told");
  }
}

int main(int count, char **arguments) {
  const processor_t *processor = count == 5 ? find_processor(arguments[1]) : NULL;
  if (processor == NULL) return 2;
  random_state = strtoull(arguments[3], NULL, 10) | 1;
  int calls = atoi(arguments[4]), without_question = 0;
  machine_t m = make_machine(processor, arguments[2]);
  add_hooks(&m);
  for (int i = 0; i < calls && failures < 5; i++) check_call(&m, i, &without_question);
  check_restless_sequence(&m);
  printf("%d failures; of %d calls %d asked nobody\n", failures, calls, without_question);
  return failures != 0;
}
