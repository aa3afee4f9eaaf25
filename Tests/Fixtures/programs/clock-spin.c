// SPDX-License-Identifier: Apache-2.0

// Prints its process number and reads a clock without a pause, for at most two minutes.

#include <stdio.h>
#include <time.h>
#include <unistd.h>

__attribute__((noinline)) static void reader(void) {
  struct timespec now;
  for (int i = 0; i < 1000000; i++) clock_gettime(CLOCK_MONOTONIC, &now);
  __asm__ volatile("");
}

int main(void) {
  alarm(120);
  printf("%d\n", (int)getpid());
  fflush(stdout);
  for (;;) reader();
}
