// Times the calls of the code page against the kernel's page, and the bare counter read, in turns.
// Usage: page-bench PAGE, the code page of this program's architecture. The best of 300 rounds counts.

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include "../Tests/Fixtures/images/pages.h"
#include "rounds.h"
#include "vdso-function.h"

typedef struct {
  const char *what, *name;
  void (*time_kernel)(clock_function, double *);
  void (*time_ours)(clock_function, double *);
} call_t;

// Loops around a call; results go to memory that was written before, as in a program. Each page has a loop of its own: a
// processor predicts a call of one target sooner than one of several.
#define LOOP(name, type, call)                                                         \
  __attribute__((noinline, aligned(64))) static void name(clock_function address, double *best) { \
    int64_t result[4] = {0};                                                           \
    type function = (type)(uintptr_t)address;                                          \
    (void)result;                                                                      \
    uint64_t start = counter();                                                        \
    for (int i = 0; i < CALLS; i++) call;                                              \
    keep_best(start, best);                                                            \
  }
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
LOOP(pids, seconds_function, function(NULL))

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

static void set_counter(uint32_t source, double frequency) {
  vdso_clock_t clock = {.source = source, .resolution = 1, .base = counter(), .limit = (uint64_t)(3 * frequency)};
  clock.mult = (uint64_t)(1e9 * 4294967296.0 / frequency);
  clock.phase = -clock.base * clock.mult;
  clock.window = UINT32_MAX - (uint32_t)clock.base;
  clock.window_phase = -(uint64_t)(uint32_t)clock.base * clock.mult;
  for (int i = 0; i < 2; i++) copy(i)->clocks[0] = copy(i)->clocks[1] = clock;
}

static void set_published(void) {
  vdso_clock_t clock = {.source = VDSO_CLOCK_PUBLISHED, .resolution = 10000000, .seconds = 1700000000};
  for (int i = 0; i < 2; i++) copy(i)->clocks[5] = copy(i)->clocks[6] = clock;
  time_page->seconds = 1700000000;
  time_page->keeper = VDSO_SECONDS_TOLD | (uint32_t)getpid();
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

static void compare(const call_t *call, double hertz) {
  clock_function kernel = function_of((const char *)getauxval(AT_SYSINFO_EHDR), call->name);
  clock_function ours = function_of((const char *)code_page, call->name);
  double best[4] = {1e9, 1e9, 1e9, 1e9};
  for (int round = 0; round < ROUNDS; round++) {
    call->time_kernel(kernel, &best[0]);
    set_counter(VDSO_COUNTER_LFENCE_RDTSC, hertz);
    call->time_ours(ours, &best[1]);
    set_counter(VDSO_COUNTER_RDTSCP, hertz);
    call->time_ours(ours, &best[2]);
    time_counter(&best[3]);
  }
  double nanosecond = hertz / 1e9;
  printf("  %-32s %6.2f %6.2f %6.2f   %.3f   %.3f   %.3f\n", call->what, best[0] / nanosecond, best[1] / nanosecond,
         best[2] / nanosecond, best[1] / best[0], best[2] / best[0], best[2] / best[3]);
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

int main(int count, char **arguments) {
  if (count != 2) return 2;
  map_pages(arguments[1]);
  double hertz = frequency();
  set_published();
  printf("%d-bit: nanoseconds by the kernel's page, by ours with lfence;rdtsc and with rdtscp; ours of the kernel's, both\n"
         "ways, and by rdtscp of the bare counter read\n", (int)sizeof(void *) * 8);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) compare(&calls[i], hertz);
  compare_pids(hertz);
  return 0;
}
