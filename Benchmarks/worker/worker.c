// SPDX-License-Identifier: Apache-2.0

// Times calls of time functions in each possible way, in turns: `demo-loader bench` starts it, for its own architecture or for 32-bit
// programs. It has no C library of its own: libc's functions are those that the dynamic linker finds, if any.
//
//
// Usage: worker ROUNDS CALLS CODE TIME... CODE is the file of a code page, the others are files of time pages; without any, only libc's
// functions and the bare counter are timed. In each round, each way makes each call CALLS times in a row. Prints one record for each: the
// index of the call and of the way, and the counter's cycles for all CALLS.

#include "machine.h"
#include "page.h"
#include "pages.h"

enum { CALL_COUNT = 7, PAGE_WAYS = 5, WAY_COUNT = 10 };
enum { LFENCE_RDTSC, RDTSCP, TRAP, KERNEL_PAGE, OUR_PAGES, LIBC = OUR_PAGES + PAGE_WAYS };

typedef struct {
  uint16_t call, way;
  uint32_t cycles;
} record_t;

// The libc's, if there is one.
WEAK(clock_gettime);
WEAK(__clock_gettime64);
WEAK(gettimeofday);
WEAK(time);
WEAK(getpid);

static const char *const names[CALL_COUNT] = {CLOCK_NAME,     CLOCK_NAME, CLOCK_NAME, CLOCK_NAME,
                                              "gettimeofday", "time",     "getpid"};
static const int clock_ids[CALL_COUNT] = {
    VDSO_CLOCK_REALTIME, VDSO_CLOCK_MONOTONIC, VDSO_CLOCK_REALTIME_COARSE, VDSO_CLOCK_MONOTONIC_COARSE, -1, -1, -1};
static const int numbers[CALL_COUNT] = {NR_CLOCK, NR_CLOCK, NR_CLOCK, NR_CLOCK, NR_GETTIMEOFDAY, NR_TIME, NR_GETPID};

// libc's function for a call. A table would need relocations.
static function_t libc_function(int call) {
  switch (call) {
    case 4:
      return gettimeofday;
    case 5:
      return time;
    case 6:
      return getpid;
    default:
      return sizeof(void *) == 4 && __clock_gettime64 ? __clock_gettime64 : clock_gettime;
  }
}

// Every call stands once in the code for each way, because a processor predicts one target sooner than several.
// clang-format off
#define LOOP(way, call)                                                                                               \
  static __attribute__((noinline, aligned(64))) void loop_##way##_##call(function_t f, long a, long b, int count) {   \
    do f(a, b);                                                                                                       \
    while (--count);                                                                                                  \
  }
#define LOOPS(way) LOOP(way, 0) LOOP(way, 1) LOOP(way, 2) LOOP(way, 3) LOOP(way, 4) LOOP(way, 5) LOOP(way, 6)
LOOPS(3) LOOPS(4) LOOPS(5) LOOPS(6) LOOPS(7) LOOPS(8) LOOPS(9)

#define CASE(way, call) \
  case way * CALL_COUNT + call: loop_##way##_##call(f, a, b, count); break;
#define CASES(way) CASE(way, 0) CASE(way, 1) CASE(way, 2) CASE(way, 3) CASE(way, 4) CASE(way, 5) CASE(way, 6)
    // clang-format on

    static void run(int way, int call, function_t f, long a, long b, int count) {
  switch (way * CALL_COUNT + call) {
    CASES(3)
    CASES(4) CASES(5) CASES(6) CASES(7) CASES(8) CASES(9) default : if (way == LFENCE_RDTSC) while (count--) counter();
    else if (way == RDTSCP) while (count--) counter_by_rdtscp();
    else while (count--) trap(numbers[call], a, b);
  }
}

static uint32_t cycles(int way, int call, function_t f, int count) {
  static long result[8];
  int is_clock = clock_ids[call] >= 0;
  long a = is_clock ? clock_ids[call] : call == 4 ? (long)result : 0, b = is_clock ? (long)result : 0;
  uint64_t start = counter();
  run(way, call, f, a, b, count);
  return (uint32_t)(counter() - start);
}

void start(long *stack) {
  long count = stack[0];
  char **arguments = (char **)(stack + 1), **end = arguments + count + 1;
  while (*end) end++;
  const char *kernel = (const char *)auxiliary_value(end + 1, 33);
  const char *bases[WAY_COUNT] = {0};
  bases[KERNEL_PAGE] = kernel;
  if (count < 4) leave(2);
  int rounds = (int)number(arguments[1]), calls = (int)number(arguments[2]), single = count < 5;
  for (int i = 0; i < PAGE_WAYS && 4 + i < count; i++) {
    bases[OUR_PAGES + i] = map_pages(arguments[4 + i], arguments[3], kernel, auxiliary_value(end + 1, 32));
    if (!bases[OUR_PAGES + i]) leave(4);
  }
  system_call_entry = auxiliary_value(end + 1, 32);
  function_t functions[WAY_COUNT][CALL_COUNT];
  for (int way = 0; way < WAY_COUNT; way++)
    for (int call = 0; call < CALL_COUNT; call++)
      functions[way][call] = way == LIBC  ? libc_function(call)
                             : way > TRAP ? (function_t)symbol(bases[way], names[call])
                                          : (function_t)1;
  for (int round = 0; round < rounds; round++) {
    record_t records[WAY_COUNT * CALL_COUNT];
    int filled = 0;
    for (int call = 0; call < CALL_COUNT; call++)
      for (int way = 0; way < WAY_COUNT; way++) {
        if (!functions[way][call] || (way < TRAP && call > 0) || (single && way > RDTSCP && way < LIBC)) continue;
        records[filled++] = (record_t){(uint16_t)call, (uint16_t)way, cycles(way, call, functions[way][call], calls)};
      }
    if (!write_all(records, (unsigned long)filled * sizeof *records)) leave(3);
  }
  leave(0);
}
