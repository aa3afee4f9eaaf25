// A writer that updates the time page as fast as it can, and readers of the built image on the other processors.
// Usage: latch-stress PAGE READS FLAW SOURCE. FLAW 0 is the latch of vdso.h; 1 to 3 break it. SOURCE is the clock's: with
// a counter that counts for nothing the reader's way is longer, and its clock's value the same as published.
// Prints the counts; exits with 0 when no value was torn and none went backwards, 1 otherwise.

#include <pthread.h>

#include "pages.h"

// A state's nanoseconds follow from its seconds, so a mixture of two states shows.
static uint64_t fraction(int64_t seconds) { return (uint64_t)(seconds * 7919 % 1000000000); }

static volatile int stop;
static int flaw;
static uint32_t source;

static void barrier(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

static void bump(void) {
  barrier();
  *(volatile uint32_t *)&time_page->sequence += 1;
  barrier();
}

static void change(int index, int64_t seconds) {
  volatile vdso_clock_t *clock = &copy(index)->clocks[1];
  clock->source = source;
  clock->limit = UINT64_MAX;
  clock->seconds = seconds;
  clock->phase = fraction(seconds) << 32;
}

static void *write_states(void *unused) {
  for (int64_t seconds = 1; !stop; seconds++) {
    if (flaw != 1) bump();  // 1: readers never turn away
    change(0, seconds);
    if (flaw == 2) change(1, seconds);  // 2: both copies change in one step
    if (flaw != 1 && flaw != 3) bump();
    change(1, seconds);
    if (flaw == 3) bump();  // 3: the second step comes too late
  }
  return unused;
}

// What a reader gets that gave up: recognisable, and counted.
static long give_up(int id, time64 *t) {
  (void)id;
  *t = (time64){-1, 0};
  return 0;
}

typedef struct {
  long reads, torn, backwards, given_up;
} counts;

static long reads_each;

static void *read_states(void *result) {
  int (*clock)(int, time64 *) = slot(CLOCK_GETTIME_64);
  counts *c = result;
  int64_t last = 0;
  for (; c->reads < reads_each; c->reads++) {
    time64 t;
    clock(1, &t);
    if (t.seconds == -1) {
      c->given_up++;
      continue;
    }
    if ((uint64_t)t.nanoseconds != fraction(t.seconds)) c->torn++;
    if (t.seconds < last) c->backwards++;
    last = t.seconds;
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  map_pages(arguments[1]);
  long reads = atol(arguments[2]);
  flaw = atoi(arguments[3]);
  source = (uint32_t)atoi(arguments[4]);
  host()->clock_gettime = (uintptr_t)give_up;
  for (int i = 0; i < 2; i++) change(i, 0);
  enum { READERS = 2 };
  reads_each = reads / READERS;
  pthread_t writer, reader[READERS];
  counts result[READERS] = {0};
  pthread_create(&writer, NULL, write_states, NULL);
  for (int i = 0; i < READERS; i++) pthread_create(&reader[i], NULL, read_states, &result[i]);
  counts sum = {0};
  for (int i = 0; i < READERS; i++) {
    pthread_join(reader[i], NULL);
    sum.reads += result[i].reads;
    sum.torn += result[i].torn;
    sum.backwards += result[i].backwards;
    sum.given_up += result[i].given_up;
  }
  stop = 1;
  pthread_join(writer, NULL);
  printf("%ld reads, %ld torn, %ld backwards, %ld gave up\n", sum.reads, sum.torn, sum.backwards, sum.given_up);
  return sum.torn != 0 || sum.backwards != 0;
}
