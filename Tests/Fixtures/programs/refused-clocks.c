// SPDX-License-Identifier: Apache-2.0

// Checks that the page refuses the clocks that the kernel refuses, with the same error number, and that alarm clocks, if the kernel has
// them, have the date and the uptime.

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int failures;

static void compare(clockid_t id, clockid_t kin) {
  struct {
    long seconds, rest;
  } raw = {-1, -1};
  struct timespec page = {.tv_sec = -1, .tv_nsec = -1}, other;
  int refused = syscall(SYS_clock_gettime, id, &raw) ? errno : 0;
  int status = clock_gettime(id, &page) ? errno : 0;
  clock_gettime(kin, &other);
  long off = page.tv_sec - other.tv_sec;
  int isRight = refused == status && (status ? page.tv_sec == -1 && raw.seconds == -1 : off >= -1 && off <= 1);
  if (isRight) return;
  printf("clock %d: %d and %d, %ld and %ld\n", (int)id, refused, status, raw.seconds, (long)page.tv_sec);
  failures++;
}

int main(void) {
  compare(8, CLOCK_REALTIME);
  compare(9, CLOCK_BOOTTIME);
  for (clockid_t id = 10; id < 40; id++)
    if (id != CLOCK_TAI) compare(id, CLOCK_REALTIME);
  printf("%d failures\n", failures);
  return failures != 0;
}
