// SPDX-License-Identifier: Apache-2.0

// Prints the time and where each call goes.

#include <stdio.h>
#include <vdsoshim.h>

int main(void) {
  static const char *const names[] = {"clock_gettime", "gettimeofday", "time",  "clock_getres",
                                      "getcpu",        "getpid",       "getuid"};
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
    perror("clock_gettime");
    return 1;
  }
  printf("%lld.%09ld, process %d\n", (long long)now.tv_sec, now.tv_nsec, getpid());
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    printf("%-14s %s\n", names[i], vdsoshim_resolution(names[i]));
  return 0;
}
