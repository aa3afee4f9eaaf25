// SPDX-License-Identifier: Apache-2.0

// Checks that calls of a program whose memory no process may read give the kernel's or the session's time, and never an error or nonsense.
// Arguments: the earliest date in seconds that time() may return, whose result is in a register, and whether waits may last as long as the
// kernel decides.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int failures;

static void expect(const char *name, int holds, long value) {
  if (holds) return;
  printf("%s: %ld, %s\n", name, value, strerror(errno));
  failures++;
}

int main(int count, char **arguments) {
  long least = count > 1 ? atol(arguments[1]) : 0;
  struct {
    long seconds, rest;
  } now = {-1, -1};
  unsigned char bytes[24] = {0};
  prctl(PR_SET_DUMPABLE, 0);
  long status = syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  expect("clock_gettime", status == 0 && now.seconds > 86400 && now.rest >= 0 && now.rest < 1000000000, status);
  status = syscall(SYS_gettimeofday, &now, NULL);
  expect("gettimeofday", status == 0 && now.seconds > 86400 && now.rest < 1000000, status);
  expect("time, by a register", (long)syscall(SYS_time, NULL) >= least, (long)syscall(SYS_time, NULL));
  expect("time, by the page", time(NULL) > 86400, (long)time(NULL));
  long seconds = 0;
  status = syscall(SYS_time, &seconds);
  expect("time", status > 86400 && seconds == status, status);
  status = syscall(SYS_getrandom, bytes, sizeof bytes, 0);
  expect("getrandom", status == sizeof bytes, status);
  struct timespec wait = {.tv_nsec = 1000000};
  status = nanosleep(&wait, NULL);
  expect("nanosleep", status == 0, status);
  // The kernel itself refuses a bad address.
  status = syscall(SYS_clock_gettime, CLOCK_REALTIME, (void *)8);
  expect("clock_gettime, of no memory", status == -1 && errno == EFAULT, status);
  printf("%d failures\n", failures);
  return failures != 0;
}
