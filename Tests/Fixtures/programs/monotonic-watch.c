// SPDX-License-Identifier: Apache-2.0

// Reads the clocks in two threads of each of two processes until the date reaches 2100. Prints "0 failures" if no monotonic clock was ever
// behind what another reader had read before.

#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct shared {
  _Atomic int64_t latest[2];
  _Atomic int failures;
} * shared;

static int64_t read_clock(clockid_t id) {
  struct timespec time;
  clock_gettime(id, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void *watch(void *unused) {
  static const clockid_t ids[] = {CLOCK_MONOTONIC, CLOCK_BOOTTIME};
  while (read_clock(CLOCK_REALTIME) < 4102444800 * INT64_C(1000000000)) {
    for (int i = 0; i < 2; i++) {
      int64_t before = atomic_load(&shared->latest[i]);
      int64_t now = read_clock(ids[i]);
      if (now < before) atomic_fetch_add(&shared->failures, 1);
      while (before < now && !atomic_compare_exchange_weak(&shared->latest[i], &before, now)) {
      }
    }
  }
  return unused;
}

int main(void) {
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  pid_t child = fork();
  pthread_t thread;
  pthread_create(&thread, NULL, watch, NULL);
  watch(NULL);
  pthread_join(thread, NULL);
  if (child == 0) return 0;
  waitpid(child, NULL, 0);
  printf("%d failures\n", shared->failures);
  return shared->failures != 0;
}
