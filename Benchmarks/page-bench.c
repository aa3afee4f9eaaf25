// Times clock_gettime by the kernel's page, by ours with either counter instruction, and the bare counter read, in turns.
// Usage: page-bench PAGE, the code page of this program's architecture. The best of 300 rounds counts.

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include "../Tests/Fixtures/images/pages.h"
#include "rounds.h"
#include "vdso-function.h"

static void set_counter(uint32_t source, double frequency) {
  vdso_clock_t clock = {.source = source, .resolution = 1, .base = counter(), .limit = (uint64_t)(3 * frequency)};
  clock.mult = (uint64_t)(1e9 * 4294967296.0 / frequency);
  clock.phase = -clock.base * clock.mult;
  clock.window = UINT32_MAX - (uint32_t)clock.base;
  clock.window_phase = -(uint64_t)(uint32_t)clock.base * clock.mult;
  for (int i = 0; i < 2; i++) copy(i)->clocks[0] = clock;
}

static double frequency(void) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  uint64_t first = counter();
  double passed;
  do {
    clock_gettime(CLOCK_MONOTONIC, &now);
    passed = (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) * 1e-9;
  } while (passed < 0.1);
  return (double)(counter() - first) / passed;
}

static void compare(const char *what, const char *name, double hertz) {
  clock_function kernel = function_of((const char *)getauxval(AT_SYSINFO_EHDR), name);
  clock_function ours = function_of((const char *)code_page, name);
  double best[4] = {1e9, 1e9, 1e9, 1e9};
  for (int round = 0; round < ROUNDS; round++) {
    time_calls(kernel, &best[0]);
    set_counter(VDSO_COUNTER_LFENCE_RDTSC, hertz);
    time_calls(ours, &best[1]);
    set_counter(VDSO_COUNTER_RDTSCP, hertz);
    time_calls(ours, &best[2]);
    time_counter(&best[3]);
  }
  printf("%-28s kernel %5.1f ns, ours by lfence;rdtsc %.3f, by rdtscp %.3f, bare counter %.3f of it\n", what,
         best[0] / hertz * 1e9, best[1] / best[0], best[2] / best[0], best[3] / best[0]);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  map_pages(arguments[1]);
  double hertz = frequency();
#ifdef __i386__
  compare("i386, 64-bit seconds", "__vdso_clock_gettime64", hertz);
  compare("i386, 32-bit seconds", "__vdso_clock_gettime", hertz);
#else
  compare("x86_64", "__vdso_clock_gettime", hertz);
#endif
  return 0;
}
