// SPDX-License-Identifier: Apache-2.0

// Calls every entry slot of a code page on an emulated processor, with random pages, and compares results, stores, loads and requests to
// the outside world with the reference.
// Usage: calls ARCHITECTURE PAGE SEED CALLS. Prints the first failures and a summary; exits with 0 if there is none.

#include "checks.h"
#include "names.h"

static int changes_left;

static void change_sequence(machine_t *m) {
  if (changes_left > 0) changes_left--, m->time->sequence += 2;
}

// The sequence changes at each read. Readers of an unmapped clock give up after VDSO_MAX_ATTEMPTS and ask once. Readers of a mapped clock
// retry as long as it changes, because without the map there is no result.
static void check_restless_sequence(machine_t *m) {
  uint64_t arguments[5] = {1, RESULTS};
  int id = m->processor->bits == 32 ? VDSO_SYM_CLOCK_GETTIME64 : VDSO_SYM_CLOCK_GETTIME;
  for (int mapped = 0; mapped < 2; mapped++) {
    fill_machine(m);
    vdso_clock_t clock = {.source = m->processor->counters[0], .mult = 1ull << 32, .limit = UINT32_MAX, .seconds = 5};
    set_window(&clock);
    m->world = (world_t){.seconds = 7, .nanoseconds = 9, .counter = 1000};
    if (m->processor->never_traps) memset(host_of(m), 0, sizeof(vdso_host_t));
    for (int copy = 0; copy < 2; copy++) {
      vdso_time_data_t *data = copy ? &m->time->copy1 : &m->time->copy0;
      data->clocks[VDSO_CLOCK_MONOTONIC] = clock;
      data->maps[VDSO_CLOCK_MONOTONIC] =
          (vdso_clock_map_t){.from = 1000, .kind = mapped ? VDSO_MAP_OFFSET : VDSO_MAP_IDENTITY};
    }
    changes_left = mapped ? 1000 : INT32_MAX;
    m->after_sequence = change_sequence;
    call(m, id, arguments, 2, RESULT_BYTES);
    m->after_sequence = NULL;
    int64_t told[2];
    memcpy(told, m->results, 16);
    int attempts = m->sequence_loads / 2;
    if (m->fault[0])
      report(m, id, arguments, -1, m->fault);
    else if (m->processor->never_traps) {
      if (m->questions != 0 || (int32_t)m->result != ENOSYS_OF_PAGE)
        report(m, id, arguments, attempts, "it must give up with ENOSYS");
    } else if (!mapped && (m->questions != 1 || attempts < VDSO_MAX_ATTEMPTS || attempts > VDSO_MAX_ATTEMPTS + 2))
      report(m, id, arguments, attempts, "it must give up after VDSO_MAX_ATTEMPTS and ask once");
    else if (told[0] != 7 || told[1] != (mapped ? 1009 : 9))
      report(m, id, arguments, mapped, "the host's reading is not told");
  }
}

// The functions that have a name and no slot, and the system call that each makes.
static void check_names(machine_t *m) {
  const struct {
    const char *architecture, *name;
    int number, arguments, is_last;
  } names[] = {
      {"i386", "__kernel_sigreturn", 119, 0, 1},       {"i386", "__kernel_rt_sigreturn", 173, 0, 1},
      {"aarch64", "__kernel_rt_sigreturn", 139, 0, 1}, {"riscv64", "__vdso_rt_sigreturn", 139, 0, 1},
      {"riscv64", "__vdso_riscv_hwprobe", 258, 3, 0},  {"riscv64", "__vdso_flush_icache", 259, 3, 0},
  };
  const uint64_t arguments[] = {0x123, 0x456, 0x789};
  memset(host_of(m), 0, sizeof(vdso_host_t));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i].architecture, m->processor->name)) continue;
    uint64_t offset = find_name(m->code, names[i].name);
    m->world.value = 77;
    m->last_number = names[i].is_last ? names[i].number : 0;
    call_at(m, offset, arguments, names[i].arguments, 0);
    m->last_number = 0;
    size_t passed = (size_t)names[i].arguments * sizeof *arguments;
    if (offset == 0 || m->fault[0] || m->questions != 1 || m->question.number != names[i].number || m->result != 77 ||
        memcmp(m->question.arguments, arguments, passed))
      report(m, -1, arguments, (int)offset, m->fault[0] ? m->fault : names[i].name);
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
  check_names(&m);
  printf("%d failures; of %d calls %d asked nobody\n", failures, calls, without_question);
  return failures != 0;
}
