// SPDX-License-Identifier: Apache-2.0

// Reads a clock without a pause in as many threads as the argument says. For each line of input, prints what one call costs in nanoseconds,
// the best of 200 rounds. Prints its number first. attach-cost.py uses it.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 200, CALLS = 5000 };

static void *read_clock(void *unused) {
  struct timespec time;
  for (;;) clock_gettime(CLOCK_REALTIME, &time);
  return unused;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int count, char **words) {
  pthread_t thread;
  for (int number = count > 1 ? atoi(words[1]) : 0; number > 0; number--) {
    if (pthread_create(&thread, NULL, read_clock, NULL)) return 1;
  }
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("%d\n", getpid());
  char line[16];
  while (fgets(line, sizeof line, stdin)) {
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
      struct timespec time;
      double start = now();
      for (int call = 0; call < CALLS; call++) clock_gettime(CLOCK_REALTIME, &time);
      double cost = (now() - start) / CALLS;
      if (cost < best) best = cost;
    }
    printf("%.2f\n", best);
  }
}
