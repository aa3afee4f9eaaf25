// SPDX-License-Identifier: Apache-2.0

// Reads the date in five ways and prints the seconds of each.

#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "system-time.h"

int main(void) {
  struct timespec time;
  struct timeval value;
  struct {
    long seconds, fraction;
  } raw;
  clock_gettime(CLOCK_REALTIME, &time);
  printf("%ld\n", (long)time.tv_sec);
  gettimeofday(&value, NULL);
  printf("%ld\n", (long)value.tv_sec);
  printf("%ld\n", (long)(clock_gettime(CLOCK_REALTIME_COARSE, &time), time.tv_sec));
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &raw);
  printf("%ld\n", raw.seconds);
  printf("%ld\n", system_time());
  return 0;
}
