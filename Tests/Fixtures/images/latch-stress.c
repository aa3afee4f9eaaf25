// SPDX-License-Identifier: Apache-2.0

// A writer that updates the time page as fast as it can, and READERS readers of the built image. The first reader has a processor of its
// own: readers that share one with the writer see a change only once in a time slice, which proves nothing.
// Usage: latch-stress PAGE READS FLAW SOURCE. FLAW 0 is the latch of vdso.h; 1 to 3 break it. SOURCE is the clock's source: 1 is published,
// 2 the counter. With the counter, the reader takes longer; the counter's factor is zero, so the clock's value is the same as published.
// With CHANGING each state takes published, counter or a virtual time at random, and the virtual time has a map with another rate each
// time. Prints the counts. Exits with 1 if a value was torn or went back, with 3 if the reader saw too few changes to prove anything, and
// with 0 otherwise.

#include "pages.h"

#include <pthread.h>
#include <sched.h>

// A state's nanoseconds are computed from its seconds, so that a mixture of two states is detected.
static uint64_t fraction(int64_t seconds) { return (uint64_t)(seconds * 7919 % 1000000000); }

enum { READERS = 3, CHANGING = 100, HOST_SECONDS = 7 };

static volatile int stop;
static volatile int64_t written;
static int flaw;
static uint32_t source;
static uint64_t counter_now;

static void barrier(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

static void bump(void) {
  barrier();
  *(volatile uint32_t *)&time_page->sequence += 1;
  barrier();
}

// Sets a map that gives `seconds` for the host's reading.
static void set_map(volatile vdso_clock_map_t *map, int64_t seconds, uint32_t number) {
  int64_t rate = number % 6, age = number % 1000003;
  map->kind = rate == 0 ? VDSO_MAP_OFFSET : VDSO_MAP_LINE;
  map->from = rate == 0 ? (int64_t)fraction(seconds) : HOST_SECONDS * 1000000000ll - age;
  map->to = rate == 0 ? seconds - HOST_SECONDS : seconds * 1000000000 + (int64_t)fraction(seconds) - rate * age;
  map->rate = (uint64_t)rate << 32;
}

// A few bits that look random but are computed from the state, so that both copies agree.
static uint32_t mixed(int64_t seconds) { return (uint32_t)((uint64_t)seconds * 0x9e3779b97f4a7c15 >> 32); }

static void change(int index, int64_t seconds) {
  volatile vdso_clock_t *clock = &copy(index)->clocks[VDSO_CLOCK_MONOTONIC];
  uint32_t kind = source == CHANGING ? mixed(seconds) % 3 : source;
  if (source == CHANGING) {
    static const uint32_t sources[] = {VDSO_SOURCE_HOST, VDSO_SOURCE_PUBLISHED, WAY};
    set_map(&copy(index)->maps[VDSO_CLOCK_MONOTONIC], seconds, mixed(seconds));
    kind = sources[kind];
  }
  clock->source = kind;
  clock->limit = UINT64_MAX;
  clock->seconds = seconds;
  clock->phase = fraction(seconds) << 32;
  // Half of the states have a window around the present, so that the reader takes both paths.
  clock->base = seconds & 1 ? counter_now : 0;
  clock->window = seconds & 1 ? UINT32_MAX : 0;
  clock->window_phase = fraction(seconds) << 32;
}

static void *write_states(void *unused) {
  for (int64_t seconds = 1; !stop; seconds++) {
    counter_now = counter() & ~0xffffffffull;
    if (flaw != 1) bump();  // 1: readers never turn away
    change(0, seconds);
    if (flaw == 2) change(1, seconds);  // 2: both copies change in one step
    if (flaw != 1 && flaw != 3) bump();
    change(1, seconds);
    if (flaw == 3) bump();  // 3: the second step comes too late
    written = seconds;
  }
  return unused;
}

// The reading to which maps are applied, and which a reader gets that gives up. It can be recognized, and is counted.
static long host_clock(int id, time64 *t) {
  (void)id;
  *t = (time64){source == CHANGING ? HOST_SECONDS : -1, 0};
  return 0;
}

typedef struct {
  long reads, changes, torn, backwards, given_up;
} counts;

static long reads;
static counts seen[READERS];

static void *read_states(void *result) {
  int (*clock)(int, time64 *) = slot(CLOCK_GETTIME_64);
  counts *c = result;
  int64_t last = 0;
  while (written < 1000) continue;  // the writer is at work
  for (; c->reads < reads; c->reads++) {
    time64 t;
    clock(1, &t);
    if (t.seconds == -1) {
      c->given_up++;
      continue;
    }
    if ((uint64_t)t.nanoseconds != fraction(t.seconds)) c->torn++;
    if (t.seconds < last) c->backwards++;
    if (t.seconds != last) c->changes++;
    last = t.seconds;
  }
  return NULL;
}

// Keeps a thread on the processor of that rank among those that this program may use.
static void pin(pthread_t thread, int rank) {
  cpu_set_t allowed, one;
  sched_getaffinity(0, sizeof allowed, &allowed);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET(cpu, &allowed) && rank-- == 0) CPU_SET(cpu, &one);
  if (CPU_COUNT(&one) == 1) pthread_setaffinity_np(thread, sizeof one, &one);
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  map_pages(arguments[1]);
  reads = atol(arguments[2]) / READERS;
  flaw = atoi(arguments[3]);
  source = (uint32_t)atoi(arguments[4]);
  if (source == VDSO_COUNTER_LFENCE_RDTSC) source = WAY;
  host()->clock_gettime = (uintptr_t)host_clock;
  for (int i = 0; i < 2; i++) change(i, 0);
  pthread_t writer, readers[READERS];
  pthread_create(&writer, NULL, write_states, NULL);
  pin(writer, 0);
  for (int i = 0; i < READERS; i++) pthread_create(&readers[i], NULL, read_states, &seen[i]);
  pin(readers[0], 1);
  counts all = {0};
  for (int i = 0; i < READERS; i++) {
    pthread_join(readers[i], NULL);
    all.reads += seen[i].reads;
    all.changes += seen[i].changes;
    all.torn += seen[i].torn;
    all.backwards += seen[i].backwards;
    all.given_up += seen[i].given_up;
  }
  stop = 1;
  pthread_join(writer, NULL);
  printf("%ld reads, %ld changes, %ld torn, %ld backwards, %ld gave up\n", all.reads, all.changes, all.torn,
         all.backwards, all.given_up);
  if (all.torn != 0 || all.backwards != 0) return 1;
  return all.changes < 1000 ? 3 : 0;
}
