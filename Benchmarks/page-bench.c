// SPDX-License-Identifier: Apache-2.0

// Times the calls of the code page against those of the kernel's page, the bare reading of the counter, and the call of an empty function,
// in turns. Usage: page-bench PAGE, the code page of this program's architecture. The best of 300 rounds counts.

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include "../Tests/Fixtures/images/pages.h"
#include "vdso-function.h"

#include "page-states.h"
#include "rounds.h"

typedef struct {
  const char *what, *name;
  void (*time_kernel)(clock_function, double *);
  void (*time_ours)(clock_function, double *);
} call_t;

#define LOOPS(name, type, call) LOOP(name##_kernel, type, call) LOOP(name##_ours, type, call)

typedef int (*day_function)(void *, void *);
typedef long (*seconds_function)(void *);
LOOPS(realtime, clock_function, function(0, result))
LOOPS(monotonic, clock_function, function(1, result))
LOOPS(realtime_coarse, clock_function, function(5, result))
LOOPS(monotonic_coarse, clock_function, function(6, result))
LOOPS(day, day_function, function(result, NULL))
LOOPS(seconds, seconds_function, function(NULL))
LOOPS(seconds_stored, seconds_function, function(result))
#ifdef __i386__
LOOPS(realtime32, clock_function, function(0, result))
#endif
LOOPS(hosted, clock_function, function(1, result))
LOOP(pids, seconds_function, function(NULL))
LOOP(nothing, seconds_function, function(NULL))

#ifdef __i386__
#define CLOCK "__vdso_clock_gettime64"
#else
#define CLOCK "__vdso_clock_gettime"
#endif

static const call_t calls[] = {
    {"clock_gettime REALTIME", CLOCK, realtime_kernel, realtime_ours},
    {"clock_gettime MONOTONIC", CLOCK, monotonic_kernel, monotonic_ours},
#ifdef __i386__
    {"clock_gettime REALTIME, time32", "__vdso_clock_gettime", realtime32_kernel, realtime32_ours},
#endif
    {"clock_gettime REALTIME_COARSE", CLOCK, realtime_coarse_kernel, realtime_coarse_ours},
    {"clock_gettime MONOTONIC_COARSE", CLOCK, monotonic_coarse_kernel, monotonic_coarse_ours},
    {"gettimeofday", "__vdso_gettimeofday", day_kernel, day_ours},
    {"time(NULL)", "__vdso_time", seconds_kernel, seconds_ours},
    {"time(&t)", "__vdso_time", seconds_stored_kernel, seconds_stored_ours},
};

static void compare(const call_t *call, double hertz) {
  clock_function kernel = function_of((const char *)getauxval(AT_SYSINFO_EHDR), call->name);
  clock_function ours = function_of((const char *)code_page, call->name);
  double best[3] = {1e9, 1e9, 1e9}, bare[2] = {1e9, 1e9};
  for (int round = 0; round < ROUNDS; round++) {
    call->time_kernel(kernel, &best[0]);
    set_counter(VDSO_COUNTER_LFENCE_RDTSC, hertz);
    call->time_ours(ours, &best[1]);
    set_counter(VDSO_COUNTER_RDTSCP, hertz);
    call->time_ours(ours, &best[2]);
    time_counters(bare);
  }
  double nanosecond = hertz / 1e9;
  int way = best[2] < best[1];
  printf("  %-32s %6.2f %6.2f %6.2f   %.3f   %.3f   %.3f\n", call->what, best[0] / nanosecond, best[1] / nanosecond,
         best[2] / nanosecond, best[1] / best[0], best[2] / best[0], best[1 + way] / bare[way]);
}

// Times an empty function that is as far away as a page.
static void time_nothing(double hertz) {
  char *page = mmap(NULL, VDSO_PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  double best = 1e9;
  *page = (char)0xc3;  // ret
  for (int round = 0; round < ROUNDS / 10; round++) nothing((clock_function)(uintptr_t)page, &best);
  printf("  %-32s        %6.2f\n", "a function that does nothing", best / hertz * 1e9);
}

static void compare_pids(double hertz) {
  seconds_function ours = (seconds_function)(uintptr_t)function_of((const char *)code_page, "__vdso_getpid");
  double best[2] = {1e9, 1e9};
  identity_page->words[VDSO_IDENTITY_PID] = (uint32_t)getpid();
  identity_page->valid = 1 << VDSO_IDENTITY_PID;
  for (int round = 0; round < ROUNDS / 10; round++) {
    uint64_t start = counter();
    for (int i = 0; i < CALLS; i++) syscall(SYS_getpid);
    keep_best(start, &best[0]);
    pids((clock_function)(uintptr_t)ours, &best[1]);
  }
  printf("  %-32s %6.2f        %6.2f           %.4f of the trap\n", "getpid", best[0] / hertz * 1e9,
         best[1] / hertz * 1e9, best[1] / best[0]);
}

// A clock for which the page calls the kernel's function, as it is and with an offset.
static void compare_host(double hertz) {
  clock_function kernel = function_of((const char *)getauxval(AT_SYSINFO_EHDR), CLOCK);
  clock_function ours = function_of((const char *)code_page, CLOCK);
  double best[3] = {1e9, 1e9, 1e9};
  host()->clock_gettime = (uintptr_t)kernel;
  for (int i = 0; i < 2; i++) copy(i)->clocks[VDSO_CLOCK_MONOTONIC] = (vdso_clock_t){.source = VDSO_SOURCE_HOST};
  for (int round = 0; round < ROUNDS; round++) {
    hosted_kernel(kernel, &best[0]);
    for (int way = 0; way < 2; way++) {
      for (int i = 0; i < 2; i++)
        copy(i)->maps[VDSO_CLOCK_MONOTONIC] =
            (vdso_clock_map_t){.to = 86400 * way, .kind = way ? VDSO_MAP_OFFSET : VDSO_MAP_IDENTITY};
      hosted_ours(ours, &best[1 + way]);
    }
  }
  printf("  %-32s %6.2f %6.2f          %.3f\n", "host mode", best[0] / hertz * 1e9, best[1] / hertz * 1e9,
         best[1] / best[0]);
  printf("  %-32s %6.2f %6.2f          %.3f\n", "host mode, an offset", best[0] / hertz * 1e9, best[2] / hertz * 1e9,
         best[2] / best[0]);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  map_pages(arguments[1]);
  double hertz = frequency();
  set_published();
  printf(
      "%d-bit: nanoseconds by the kernel's page, by ours with lfence;rdtsc and with rdtscp; ours of the kernel's, "
      "both\n"
      "ways, and the faster one of the same bare counter read\n",
      (int)sizeof(void *) * 8);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) compare(&calls[i], hertz);
  compare_host(hertz);
  compare_pids(hertz);
  time_nothing(hertz);
  return 0;
}
