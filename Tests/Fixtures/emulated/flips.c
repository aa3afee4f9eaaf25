// SPDX-License-Identifier: Apache-2.0

// Tests whether the comparison with the reference detects a wrong page: flips one bit of an instruction that calls have reached, makes the
// same calls again, and counts the flips that are not detected. Some can't be, because not every bit has an effect.
// Usage: flips ARCHITECTURE PAGE SEED CALLS FLIPS. Prints "noticed N of FLIPS".

#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"

static void make_calls(machine_t *m, uint64_t seed, int calls) {
  int without_question = 0;
  random_state = seed;
  failures = 0;
  for (int i = 0; i < calls && failures == 0; i++) check_call(m, i, &without_question);
}

// Makes the calls with the flip in a child process, because some instructions crash the emulator. Returns 1 if the flip was detected, 0 if
// it wasn't, and -1 if the emulator crashed.
static int try_flip(machine_t *m, uint64_t place, int bit, uint64_t seed, int calls) {
  int status = 0, child = fork();
  if (child == 0) {
    close(2);
    m->code[place + (unsigned)bit / 8] ^= (uint8_t)(1 << bit % 8);
    make_calls(m, seed, calls);
    _exit(failures != 0);
  }
  if (child < 0 || waitpid(child, &status, 0) != child) exit(2);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int count, char **arguments) {
  const processor_t *processor = count == 6 ? find_processor(arguments[1]) : NULL;
  if (processor == NULL) return 2;
  uint64_t seed = strtoull(arguments[3], NULL, 10) | 1;
  int calls = atoi(arguments[4]), flips = atoi(arguments[5]), noticed = 0;
  machine_t whole = make_machine(processor, arguments[2]);
  add_hooks(&whole);
  is_quiet = 1;
  make_calls(&whole, seed, calls);
  if (failures) return 1;
  // This machine has not translated the page yet.
  machine_t m = make_machine(processor, arguments[2]);
  add_hooks(&m);
  random_state = seed;
  for (int tried = 0; tried < flips;) {
    uint64_t place = below(VDSO_PAGE_SIZE);
    int bit = (int)below(16);
    if (!whole.executed[place]) continue;
    int outcome = try_flip(&m, place, bit, seed, calls);
    if (outcome == 0) printf("unnoticed: bit %d at 0x%llx\n", bit, (unsigned long long)place);
    if (outcome < 0) continue;
    noticed += outcome;
    tried++;
  }
  printf("noticed %d of %d\n", noticed, flips);
  return 0;
}
