// SPDX-License-Identifier: Apache-2.0

// Prints its process number and reads the clock again and again, for at most two minutes.

#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec now;
  alarm(120);
  printf("%d\n", (int)getpid());
  fflush(stdout);
  for (;;) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    usleep(10000);
  }
}
