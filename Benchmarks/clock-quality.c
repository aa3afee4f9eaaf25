// SPDX-License-Identifier: Apache-2.0

// Measures how far the page's counter clock is from the kernel's, with every processor busy. Start it by `demo-loader --clock-source tsc`,
// so that libc's clock_gettime is the page's.
// Usage: clock-quality SECONDS. A sample is a reading between two readings of the kernel's own page, and is compared with their middle.
// After SECONDS the timekeeper is killed, and sampling goes on for five seconds more. Prints a line per second, then the distribution;
// exits with 0 if no thread saw the clock go back before that.

#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vdso-function.h"
#include "vdso.h"

enum { AFTER_KILL = 5, READERS = 2, INTERVAL_MICROSECONDS = 1000 };
// The most nanoseconds that a sample may take, of which half is the sample's own uncertainty. Readings that trap take longer.
enum { LONGEST_SAMPLE = 120, LONGEST_AFTER_KILL = 1000 };

static clock_function kernel_clock;
static atomic_int stop;
static _Atomic int64_t latest;
static atomic_long backwards, largest_step_back, readings;

// The kernel's own page, which is still mapped at its address.
static const char *kernel_page(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  unsigned long start = 0;
  while (maps != NULL && start == 0 && fgets(line, sizeof line, maps) != NULL)
    if (strstr(line, "[vdso]") != NULL) sscanf(line, "%lx", &start);
  if (maps != NULL) fclose(maps);
  return (const char *)start;
}

static int64_t nanoseconds(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }

static int64_t by_page(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return nanoseconds(t);
}

static int64_t by_kernel(void) {
  struct timespec t;
  kernel_clock(CLOCK_MONOTONIC, &t);
  return nanoseconds(t);
}

// Reads the clock again and again, and counts the readings that are before what another thread has read.
static void *read_on(void *unused) {
  long count = 0;
  while (!atomic_load(&stop)) {
    int64_t seen = atomic_load(&latest), now = by_page();
    if (now < seen) {
      atomic_fetch_add(&backwards, 1);
      long step = (long)(seen - now), known = atomic_load(&largest_step_back);
      while (step > known && !atomic_compare_exchange_weak(&largest_step_back, &known, step)) {
      }
    }
    while (now > seen && !atomic_compare_exchange_weak(&latest, &seen, now)) {
    }
    count++;
  }
  atomic_fetch_add(&readings, count);
  return unused;
}

typedef struct {
  int32_t *errors;
  size_t count, capacity;
} samples_t;

// Takes samples for a second and returns how many were added. Samples that took too long are left out.
static size_t sample_second(samples_t *samples, int64_t longest) {
  size_t first = samples->count;
  for (int64_t end = by_kernel() + 1000000000; by_kernel() < end; usleep(INTERVAL_MICROSECONDS)) {
    int64_t before = by_kernel(), told = by_page(), after = by_kernel();
    if (after - before > longest || samples->count == samples->capacity) continue;
    samples->errors[samples->count++] = (int32_t)(told - (before + after) / 2);
  }
  return samples->count - first;
}

static int compare(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static int compare_sizes(const void *a, const void *b) {
  int32_t x = abs(*(const int32_t *)a), y = abs(*(const int32_t *)b);
  return (x > y) - (x < y);
}

static void print_second(int second, int32_t *errors, size_t count) {
  if (count == 0) return;
  qsort(errors, count, sizeof *errors, compare);
  printf("second %d %d %d %d\n", second, errors[0], errors[count / 2], errors[count - 1]);
}

static void print_distribution(const char *name, int32_t *errors, size_t count) {
  if (count == 0) return;
  qsort(errors, count, sizeof *errors, compare_sizes);
  printf("%s: %zu samples, error p50 %d, p99 %d, p99.9 %d, largest %d ns\n", name, count, abs(errors[count / 2]),
         abs(errors[count * 99 / 100]), abs(errors[count * 999 / 1000]), abs(errors[count - 1]));
}

int main(int count, char **arguments) {
  int seconds = count == 2 ? atoi(arguments[1]) : 0;
  const vdso_time_page_t *page = (const void *)(getauxval(AT_SYSINFO_EHDR) - 2 * VDSO_PAGE_STRIDE);
  const char *kernel = kernel_page();
  if (seconds <= 0 || kernel == NULL || page->magic != VDSO_TIME_MAGIC || page->copy0.mode != VDSO_MODE_COUNTER) {
    fprintf(stderr, "usage: demo-loader --clock-source tsc clock-quality SECONDS\n");
    return 2;
  }
  kernel_clock = function_of(kernel, "__vdso_clock_gettime");
  samples_t samples = {.capacity = (size_t)(seconds + AFTER_KILL) * 1000};
  samples.errors = malloc(samples.capacity * sizeof *samples.errors);
  pthread_t readers[READERS];
  for (int i = 0; i < READERS; i++) pthread_create(&readers[i], NULL, read_on, NULL);
  size_t kept = 0;
  long backwards_kept = 0;
  pid_t timekeeper = 0;
  for (int second = 0; second < seconds + AFTER_KILL; second++) {
    if (second == seconds) {
      kept = samples.count;
      backwards_kept = atomic_load(&backwards);
      timekeeper = (pid_t)(page->timekeeper & 0x3fffffff);
      if (kill(timekeeper, SIGKILL) != 0) perror("the timekeeper can't be killed");
    }
    size_t added = sample_second(&samples, second < seconds ? LONGEST_SAMPLE : LONGEST_AFTER_KILL);
    print_second(second, samples.errors + samples.count - added, added);
  }
  atomic_store(&stop, 1);
  for (int i = 0; i < READERS; i++) pthread_join(readers[i], NULL);
  print_distribution("with the timekeeper", samples.errors, kept);
  print_distribution("after its death", samples.errors + kept, samples.count - kept);
  int replaced = (page->timekeeper & VDSO_TIMEKEEPER_DIED) == 0 && (pid_t)(page->timekeeper & 0x3fffffff) != timekeeper;
  printf("timekeeper %s\n", replaced ? "replaced" : (page->timekeeper & VDSO_TIMEKEEPER_DIED) != 0 ? "died" : "lives");
  long all = atomic_load(&backwards);
  printf("%ld readings by %d threads, %ld went back, and %ld after the timekeeper's death, by %ld ns at most\n",
         atomic_load(&readings), READERS, backwards_kept, all - backwards_kept, atomic_load(&largest_step_back));
  return backwards_kept != 0 || (replaced && all != 0);
}
