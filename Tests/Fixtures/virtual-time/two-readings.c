// SPDX-License-Identifier: Apache-2.0

// Prints the date twice, in seconds since 1970, with 200 ms of sleep in between.

#include <stdio.h>
#include <time.h>

static void print(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
  fflush(stdout);
}

int main(void) {
  print();
  nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
  print();
  return 0;
}
