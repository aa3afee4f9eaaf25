// SPDX-License-Identifier: Apache-2.0

// Calls every function of a code page on each of its paths, one call at a time through call_one, at which a debugger stops. With STEPPED,
// stepping.c or throwing.cpp in the same program steps by itself.
// Usage: unwind PAGE.

#include <signal.h>

#include "exports.h"
#include "pages.h"

enum {
  TRAP,
  PUBLISHED,
  COUNTER,
  OTHER_COUNTER,
  COUNTER_WINDOW,
  OTHER_COUNTER_WINDOW,
  OLD,
  HOST,
  HOST_FAILS,
  MAPPED,
  IDENTITY,
  MAP_CHANGES,
  CHANGES,
  CHANGES_WITHOUT_CARRY,
  MODES
};

// While these are set, the debugger changes the sequence during a read, and keeps windows at the counter.
volatile int page_changes, window_follows;

// The data inside the code: the fields that a producer fills.
volatile int fields[2][2] = {{HOST_OFFSET, sizeof(vdso_host_t)}, {VDSO_HEADER_OFFSET, sizeof(vdso_header_t)}};

#ifdef STEPPED
#include "stepping.h"
#else
__attribute__((noinline)) long call_one(long (*function)(long, long, long, long, long), long a, long b, long c, long d,
                                        long e) {
  long result = function(a, b, c, d, e);
  __asm__ volatile("" ::: "memory");
  return result;
}
#endif

static long host_function(long a, long *b) {
  if (a >= 0 && a < 12 && b != NULL) memset(b, 0, 16);
  return 0;
}

static long failing_host_clock(int id, time64 *t) {
  (void)id, (void)t;
  return -22;
}

static long changing_host_clock(int id, time64 *t) {
  static int changes;
  (void)id;
  if (changes++ < 3) time_page->sequence++;
  *t = (time64){1, 0};
  return 0;
}

static void set_clocks(vdso_clock_t clock) {
  for (int i = 0; i < 2; i++)
    for (int id = 0; id < VDSO_CLOCK_COUNT; id++) copy(i)->clocks[id] = clock;
}

static void set_mode(int mode) {
  memset(time_page, 0, VDSO_PAGE_SIZE);
  memset(host(), 0, sizeof(vdso_host_t));
  memset(identity_page, 0, VDSO_PAGE_SIZE);
  page_changes = mode == CHANGES || mode == CHANGES_WITHOUT_CARRY;
  // A phase of almost four seconds, all of which have to be carried.
  if (mode == PUBLISHED || mode == CHANGES)
    set_clocks((vdso_clock_t){.source = VDSO_SOURCE_PUBLISHED, .phase = 3999999999ull << 32, .seconds = 5});
  time_page->seconds = 5;
  time_page->timekeeper = mode == PUBLISHED ? VDSO_SECONDS_VALID : 0;
  window_follows = mode == COUNTER_WINDOW || mode == OTHER_COUNTER_WINDOW;
  if (mode >= COUNTER && mode <= OLD)
    set_clocks((vdso_clock_t){.source = mode == OTHER_COUNTER || mode == OTHER_COUNTER_WINDOW ? OTHER_WAY : WAY,
                              .limit = mode == OLD ? 0 : ~0ull,
                              .window = window_follows ? UINT32_MAX : 0});
  if (mode == CHANGES_WITHOUT_CARRY) set_clocks((vdso_clock_t){.source = VDSO_SOURCE_PUBLISHED, .seconds = 5});
  // The second copy.
  time_page->sequence = mode == HOST_FAILS;
  void *host_clock = mode == HOST || mode == MAPPED ? (void *)host_function
                     : mode == HOST_FAILS           ? (void *)failing_host_clock
                     : mode == MAP_CHANGES          ? (void *)changing_host_clock
                                                    : NULL;
  if (host_clock != NULL) {
    uintptr_t function = (uintptr_t)host_function;
    *host() = (vdso_host_t){(uintptr_t)host_clock, function, function, function, function, 0};
    if (mode == HOST_FAILS) host()->time = 0;
  }
  for (int i = 0; (mode == MAPPED || mode == MAP_CHANGES) && i < 2; i++)
    for (int id = 0; id < VDSO_CLOCK_COUNT; id++)
      copy(i)->maps[id] = (vdso_clock_map_t){.rate = 3ull << 31, .kind = VDSO_MAP_LINE};
  for (int i = 0; mode == MAPPED && i < 2; i++) {
    copy(i)->maps[VDSO_CLOCK_MONOTONIC].from = INT64_MAX / 2;
    // An offset whose nanoseconds carry together with the host's 0, and a date that i386 can't divide.
    copy(i)->maps[VDSO_CLOCK_REALTIME] = (vdso_clock_map_t){.kind = VDSO_MAP_OFFSET, .from = 1000000000};
    copy(i)->maps[VDSO_CLOCK_REALTIME_COARSE].to = INT64_MAX;
  }
  if (mode == IDENTITY) identity_page->valid = ~0u;
}

static long words[8], zone[2];

static void call_all(void *(*find)(int)) {
  for (int id = 0; id < VDSO_SYM_COUNT; id++) {
    void *function = find(id);
    if (function == NULL) continue;
    long first = (long)words, second = (long)zone;
    if (id == VDSO_SYM_CLOCK_GETTIME || id == VDSO_SYM_CLOCK_GETTIME64 || id == VDSO_SYM_CLOCK_GETRES)
      first = 1, second = (long)words;
    if (id == VDSO_SYM_GETRANDOM) second = 8;
    call_one(function, first, second, 0, 0, 0);
    if (first == 1) call_one(function, -1, second, 0, 0, 0);
    if (id == VDSO_SYM_CLOCK_GETRES) call_one(function, 1, 0, 0, 0, 0);
    if (id == VDSO_SYM_TIME || id == VDSO_SYM_GETTIMEOFDAY) call_one(function, 0, 0, 0, 0, 0);
    if (id == VDSO_SYM_GETRANDOM) call_one(function, 0, 0, 0, 0, -1);
  }
}

static void *find_slot(int id) { return *(int *)slot(id) ? (void *)slot(id) : NULL; }

#if defined(__i386__) || defined(__aarch64__)

#ifndef STEPPED
static void handle(int signal) { (void)signal; }
#endif

// Raises a signal whose handler returns through the page.
static void raise_and_return(int signal, unsigned long flags, const char *restorer) {
  struct {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask[2];
  } action = {.handler = (void *)handle, .flags = 0x04000000 | flags};  // SA_RESTORER
  action.restorer = find_name(restorer);
  syscall(SYS_rt_sigaction, signal, &action, NULL, 8);
  raise(signal);
}

#endif

#if defined(__i386__)

// The host's own __kernel_vsyscall.
void host_vsyscall(void);
__asm__("host_vsyscall: int $0x80; ret");

// A system call by __kernel_vsyscall, from inside call_one.
static long vsyscall(long number, long entry, long c, long d, long e) {
  (void)c, (void)d, (void)e;
  long result;
  __asm__ volatile("call *%1" : "=a"(result) : "r"(entry), "0"(number) : "memory");
  return result;
}

static void call_more(void) {
  raise_and_return(SIGUSR1, 0, "__kernel_sigreturn");
  raise_and_return(SIGUSR2, SA_SIGINFO, "__kernel_rt_sigreturn");
  long entry = (long)find_name("__kernel_vsyscall");
  call_one(vsyscall, SYS_getpid, entry, 0, 0, 0);
  host()->arch_specific = (uintptr_t)host_vsyscall;
  call_one(vsyscall, SYS_getpid, entry, 0, 0, 0);
}

#elif defined(__aarch64__)

static void call_more(void) { raise_and_return(SIGUSR2, SA_SIGINFO, "__kernel_rt_sigreturn"); }

#elif defined(__riscv)

// Signals return through the page that the kernel knows, which isn't this one.
static void call_more(void) {
  void *probe = find_name("__vdso_riscv_hwprobe"), *flush = find_name("__vdso_flush_icache");
  call_one(probe, (long)words, 0, 0, 0, 0);
  call_one(flush, (long)words, (long)(words + 1), 0, 0, 0);
  host()->arch_specific = (uintptr_t)host_function;
  call_one(probe, (long)words, 0, 0, 0, 0);
}

#else
static void call_more(void) {}
#endif

#ifndef STEPPED
__attribute__((noinline)) void finished(void) { __asm__ volatile(""); }
#endif

int main(int count, char **arguments) {
  if (count != 2) return 2;
  map_pages(arguments[1]);
#ifdef STEPPED
  start_stepping(code_page, time_page);
#endif
  for (int mode = 0; mode < MODES; mode++) {
    set_mode(mode);
    if (mode < MAP_CHANGES)
      call_all(mode == TRAP ? exported : find_slot);
    else  // long ways
      call_one((void *)slot(CLOCK_GETTIME_64), 1, (long)words, 0, 0, 0);
  }
  call_more();
  finished();
  return 0;
}
