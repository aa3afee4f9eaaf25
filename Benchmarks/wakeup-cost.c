// SPDX-License-Identifier: Apache-2.0

// What it costs to wake up again and again and do nothing: a timekeeper can't cost less.
// Usage: wakeup-cost poll|nanosleep MILLISECONDS. Prints microseconds per wake-up, and the share of a processor.

#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 5 };

// The nanoseconds for which this process has run.
static long run_time(void) {
  long nanoseconds = -1;
  FILE *file = fopen("/proc/self/schedstat", "r");
  if (file == NULL || fscanf(file, "%ld", &nanoseconds) != 1) perror("/proc/self/schedstat");
  if (file != NULL) fclose(file);
  return nanoseconds;
}

int main(int count, char **arguments) {
  int milliseconds = count == 3 ? atoi(arguments[2]) : 0;
  if (milliseconds <= 0 || milliseconds >= 1000) {
    fprintf(stderr, "usage: wakeup-cost poll|nanosleep MILLISECONDS\n");
    return 2;
  }
  // Waits as the timekeeper does, for the end of a process that doesn't end.
  struct pollfd parent = {(int)syscall(SYS_pidfd_open, getppid(), 0), POLLIN, 0};
  struct timespec interval = {0, milliseconds * 1000000L};
  int polls = strcmp(arguments[1], "poll") == 0, wakeups = SECONDS * 1000 / milliseconds;
  long start = run_time();
  for (int i = 0; i < wakeups; i++) {
    if (polls)
      poll(&parent, 1, milliseconds);
    else
      nanosleep(&interval, NULL);
  }
  double cost = (double)(run_time() - start);
  printf("%s every %d ms: %.1f us per wake-up, %.3f %%\n", arguments[1], milliseconds, cost / 1e3 / wakeups,
         cost / 1e9 / SECONDS * 100);
  return 0;
}
