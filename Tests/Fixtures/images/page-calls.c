// SPDX-License-Identifier: Apache-2.0

// Calls the functions of a code page at their slots, in every mode, and compares the results with those that the mode requires.
// Usage: page-calls PAGE. Prints one line for each failure, then their number; exits with 0 if there is none.

#include "check.h"
#include "pages.h"

static int clock_of(int id, time64 *t) {
  int (*function)(int, time64 *) = slot(CLOCK_GETTIME_64);
  return function(id, t);
}

static int64_t trap_of(int id) {
  time64 t = {0, 0};
  syscall(NR_CLOCK_GETTIME_64, id, &t);
  return nanoseconds(t);
}

static void clear(void) {
  memset(time_page, 0, VDSO_PAGE_SIZE);
  memset(host(), 0, sizeof(vdso_host_t));
}

static void set_clock(int id, vdso_clock_t clock) {
  for (int i = 0; i < 2; i++) copy(i)->clocks[id] = clock;
}

static void check_trap(void) {
  clear();
  for (int id = 0; id < 12; id++) {
    if (id == 8 || id == 9 || id == 10) continue;  // alarm clocks need hardware, SGI_CYCLE is gone
    time64 t;
    int64_t before = trap_of(id);
    int status = clock_of(id, &t);
    int64_t after = trap_of(id);
    CHECK(status == 0 && before <= nanoseconds(t) && nanoseconds(t) <= after, "clock %d: status %d", id, status);
  }
  int bad[] = {-1, 10, 99, 0x7fffffff, -0x7fffffff - 1};
  for (int i = 0; i < 5; i++) {
    time64 t;
    CHECK(clock_of(bad[i], &t) == -22, "clock %d must be EINVAL", bad[i]);
  }
  long (*time_function)(long *) = slot(VDSO_SYM_TIME);
  long stored, now = time_function(&stored);
  CHECK(now == stored && labs(now - time(NULL)) <= 1, "time %ld", now);
  int (*day)(struct timeval *, struct timezone *) = slot(VDSO_SYM_GETTIMEOFDAY);
  long pair[2] = {0, -1};
  CHECK(day((struct timeval *)pair, NULL) == 0 && labs(pair[0] - time(NULL)) <= 1, "gettimeofday %ld", pair[0]);
  CHECK(pair[1] >= 0 && pair[1] < 1000000, "microseconds %ld", pair[1]);
  CHECK(day(NULL, NULL) == 0, "gettimeofday of nothing");
  int (*resolution)(int, long *) = slot(VDSO_SYM_CLOCK_GETRES);
  CHECK(resolution(0, pair) == 0 && pair[0] == 0 && pair[1] == 1, "resolution %ld.%09ld", pair[0], pair[1]);
  CHECK(resolution(99, pair) == -22, "resolution of no clock");
}

static void check_published(void) {
  clear();
  vdso_clock_t clock = {.source = VDSO_SOURCE_PUBLISHED, .seconds = -5, .phase = 999999999ull << 32, .resolution = 7};
  set_clock(1, clock);
  time64 t;
  CHECK(clock_of(1, &t) == 0 && t.seconds == -5 && t.nanoseconds == 999999999, "published %lld", (long long)t.seconds);
  long pair[2];
  int (*resolution)(int, long *) = slot(VDSO_SYM_CLOCK_GETRES);
  CHECK(resolution(1, pair) == 0 && pair[1] == 1, "resolution is the kernel's, not %ld", pair[1]);
  time_page->seconds = 1234567;
  time_page->timekeeper = VDSO_SECONDS_VALID | 1;
  long (*time_function)(long *) = slot(VDSO_SYM_TIME);
  CHECK(time_function(NULL) == 1234567, "published time");
  copy(0)->timezone_minutes_west = copy(1)->timezone_minutes_west = -60;
  struct timezone zone = {0, 0};
  int (*day)(struct timeval *, struct timezone *) = slot(VDSO_SYM_GETTIMEOFDAY);
  CHECK(day(NULL, &zone) == 0 && zone.tz_minuteswest == -60, "time zone %d", zone.tz_minuteswest);
  time_page->timekeeper = VDSO_SECONDS_VALID | VDSO_TIMEKEEPER_DIED;
  CHECK(clock_of(1, &t) == 0 && t.seconds != -5, "a dead timekeeper's clock was used");
  CHECK(labs(time_function(NULL) - time(NULL)) <= 1, "a dead timekeeper's seconds were used");
}

static void check_counter(uint32_t source) {
  clear();
  uint64_t base = counter(), mult = 1ull << 32;
  vdso_clock_t clock = {.source = source, .base = base, .limit = 3000000000u, .mult = mult, .seconds = 1000};
  clock.phase = (900000000ull << 32) - base * mult;  // one nanosecond a cycle, from 1000.9 seconds
  set_clock(4, clock);
  for (int i = 0; i < 1000; i++) {
    time64 t;
    int64_t before = (int64_t)(counter() - base);
    int status = clock_of(4, &t);
    int64_t after = (int64_t)(counter() - base), told = nanoseconds(t) - 1000900000000LL;
    CHECK(status == 0 && before <= told && told <= after, "counter tells %lld between %lld and %lld", (long long)told,
          (long long)before, (long long)after);
    CHECK(t.nanoseconds >= 0 && t.nanoseconds < 1000000000, "nanoseconds %lld", (long long)t.nanoseconds);
  }
  clock.limit = 0;  // too old from the first cycle on
  set_clock(4, clock);
  time64 t;
  int64_t before = trap_of(4);
  CHECK(clock_of(4, &t) == 0 && before <= nanoseconds(t), "an old page was used");
  clock.limit = 1 << 20;
  clock.base = counter() + (1ull << 40);  // ahead of this processor's counter
  set_clock(4, clock);
  before = trap_of(4);
  CHECK(clock_of(4, &t) == 0 && before <= nanoseconds(t), "a counter behind its base was used");
}

// Windows that end soon, at a second's end or where the counter's low word wraps, and reads on both sides of their end.
static void check_windows(uint32_t source) {
  clear();
  srandom(1);
  for (int i = 0; i < 20000; i++) {
    uint64_t base = counter(), low = (uint32_t)base, mult = 1ull << 32,
             start = 999999999u - (unsigned)random() % (1u << i % 20);
    vdso_clock_t clock = {.source = source, .base = base, .limit = UINT32_MAX, .mult = mult, .seconds = 1000};
    clock.phase = (start << 32) - base * mult;
    clock.window_phase = (start << 32) - low * mult;
    uint64_t carry = 999999999 - start, wrap = UINT32_MAX - low;
    clock.window = (uint32_t)(carry < wrap ? carry : wrap);
    set_clock(4, clock);
    time64 t;
    int64_t before = (int64_t)(counter() - base);
    int status = clock_of(4, &t);
    int64_t after = (int64_t)(counter() - base), told = nanoseconds(t) - 1000000000000LL - (int64_t)start;
    CHECK(status == 0 && before <= told && told <= after && t.nanoseconds < 1000000000,
          "window from %llu: %lld between %lld and %lld", (unsigned long long)start, (long long)told, (long long)before,
          (long long)after);
  }
}

static int64_t told_by_host;
static int host_calls;

static long host_clock(int id, time64 *t) {
  (void)id;
  host_calls++;
  t->seconds = told_by_host / 1000000000;
  t->nanoseconds = told_by_host % 1000000000;
  return 0;
}

static long host_time(long *t) {
  if (t != NULL) *t = 777;
  return 777;
}

static void check_host_time(void) {
  clear();
  host()->clock_gettime = (uintptr_t)host_clock;
  host()->time = (uintptr_t)host_time;
  told_by_host = 555000000000;
  long (*time_function)(long *) = slot(VDSO_SYM_TIME);
  long stored = 0;
#ifdef __x86_64__
  CHECK(time_function(&stored) == 777 && stored == 777, "the host's time was not used");
#else
  CHECK(time_function(&stored) == 555 && stored == 555, "time %ld", stored);
#endif
  for (int c = 0; c < 2; c++)
    copy(c)->maps[VDSO_CLOCK_REALTIME_COARSE] = (vdso_clock_map_t){.kind = VDSO_MAP_OFFSET, .to = 1000};
  CHECK(time_function(&stored) == 1555 && stored == 1555, "time through a map: %ld", stored);
}

static void check_host(void) {
  clear();
  host()->clock_gettime = (uintptr_t)host_clock;
  struct {
    int64_t now, from, to;
    uint64_t rate;
    uint32_t kind;
    int64_t expected;
  } cases[] = {
      // The identity, whatever else is in the map.
      {1700000000123456789, 5, 7, 9, VDSO_MAP_IDENTITY, 1700000000123456789},
      // One day later, with nanoseconds that only just carry or don't; and earlier, down to before 1970.
      {1700000000123456789, 0, 86400, 0, VDSO_MAP_OFFSET, 1700086400123456789},
      {1700000000123456789, 876543211, 0, 0, VDSO_MAP_OFFSET, 1700000001000000000},
      {1700000000123456789, 876543210, 0, 0, VDSO_MAP_OFFSET, 1700000000999999999},
      {1700000000123456789, 999999999, -1, 0, VDSO_MAP_OFFSET, 1700000000123456788},
      {1700000000123456789, 0, -1700000010, 0, VDSO_MAP_OFFSET, -9876543211},
      // Ten times as fast; half as fast, into 2038; before the anchor; and as fast as the host's clock.
      {1700000000999999999, 1700000000000000000, 951782400000000000, 10ull << 32, VDSO_MAP_LINE, 951782409999999990},
      {1700000007000000001, 1700000000000000000, 2147483000000000000, 1ull << 31, VDSO_MAP_LINE, 2147483003500000000},
      {1600000000000000000, 1700000000000000000, 951782400000000000, 1ull << 32, VDSO_MAP_LINE, 951782400000000000},
      {1700000000123456789, 1700000000000000000, 0, 1ull << 32, VDSO_MAP_LINE, 123456789},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int c = 0; c < 2; c++)
      copy(c)->maps[VDSO_CLOCK_REALTIME] =
          (vdso_clock_map_t){.from = cases[i].from, .to = cases[i].to, .rate = cases[i].rate, .kind = cases[i].kind};
    told_by_host = cases[i].now;
    host_calls = 0;
    time64 t;
    CHECK(clock_of(0, &t) == 0 && host_calls == 1 && nanoseconds(t) == cases[i].expected && t.nanoseconds < 1000000000,
          "case %zu: %lld, expected %lld", i, (long long)nanoseconds(t), (long long)cases[i].expected);
  }
}

#if defined(__x86_64__) || defined(__i386__)
// A call that has returned leaves no address on the stack to which a call of the page returns.
static void check_stack(void) {
  enum { WORDS = 256 };
  clear();
  host()->clock_gettime = (uintptr_t)host_clock;
  for (int c = 0; c < 2; c++) {
    for (int id = 0; id < 12; id++) copy(c)->maps[id] = (vdso_clock_map_t){.kind = VDSO_MAP_OFFSET, .to = 1000};
  }
  for (int function = 0; function < 4; function++) {
    volatile uintptr_t *stack;
    int64_t room[4];
#ifdef __x86_64__
    __asm__ volatile("mov %%rsp, %0" : "=r"(stack));
#else
    __asm__ volatile("mov %%esp, %0" : "=r"(stack));
#endif
    stack -= WORDS;
    for (int i = 0; i < WORDS; i++) stack[i] = 0;
    if (function == 0) ((int (*)(int, time64 *))slot(CLOCK_GETTIME_64))(0, (time64 *)room);
    if (function == 1) ((int (*)(int, void *))slot(VDSO_SYM_CLOCK_GETTIME))(0, room);
    if (function == 2) ((int (*)(void *, void *))slot(VDSO_SYM_GETTIMEOFDAY))(room, NULL);
    if (function == 3) ((long (*)(void *))slot(VDSO_SYM_TIME))(room);
    static uintptr_t left[WORDS];
    for (int i = 0; i < WORDS; i++) left[i] = stack[i];
    for (int i = 0; i < WORDS; i++) {
      uintptr_t offset = left[i] - (uintptr_t)code_page;
      if (offset < 5 || offset >= VDSO_PAGE_SIZE) continue;
      const unsigned char *code = (const unsigned char *)code_page + offset;
      CHECK(code[-2] != 0xff && (code[-5] != 0xe8 || memcmp(code - 4, "\0\0\0", 4) == 0),
            "function %d left %#lx on the stack", function, (unsigned long)offset);
    }
  }
}
#endif

static void check_identity(void) {
  int (*pid)(void) = slot(VDSO_SYM_GETPID), (*uid)(void) = slot(VDSO_SYM_GETUID);
  memset(identity_page, 0, VDSO_PAGE_SIZE);
  CHECK(pid() == getpid() && uid() == (int)getuid(), "trapped ids");
  identity_page->valid = 1 << VDSO_IDENTITY_PID;
  identity_page->words[VDSO_IDENTITY_PID] = 424242;
  CHECK(pid() == 424242 && uid() == (int)getuid(), "valid pid");
  madvise(identity_page, VDSO_PAGE_SIZE, 18);  // MADV_WIPEONFORK; qemu-user has none
  if (getenv("NO_WIPE") == NULL) {
    int child = fork(), status = 1;
    if (child == 0) _exit(pid() == getpid() ? 0 : 1);
    waitpid(child, &status, 0);
    CHECK(status == 0, "a child took its parent's id");
  }
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  map_pages(arguments[1]);
  check_trap();
  check_published();
#if defined(__x86_64__) || defined(__i386__)
  check_counter(VDSO_COUNTER_LFENCE_RDTSC);
  check_windows(VDSO_COUNTER_LFENCE_RDTSC);
  check_counter(VDSO_COUNTER_RDTSCP);
  check_windows(VDSO_COUNTER_RDTSCP);
#elif defined(__aarch64__)
  check_counter(VDSO_COUNTER_CNTVCT);
  check_windows(VDSO_COUNTER_CNTVCT);
#else
  check_counter(VDSO_COUNTER_RDTIME);
  check_windows(VDSO_COUNTER_RDTIME);
#endif
  check_host();
  check_host_time();
  check_identity();
#if defined(__x86_64__) || defined(__i386__)
  check_stack();
#endif
  printf("%d failures\n", failures);
  return failures != 0;
}
