// SPDX-License-Identifier: Apache-2.0

// Maps the three pages of a simulated task at VDSO_USER_BASE, with the same protection, and calls the four functions of the design document
// at the addresses that the document gives.
// Usage: document-calls PAGES [SECONDS]. With SECONDS the clock stands there, else it is the system's. Prints a line for each failure;
// exits with their number.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "vdso.h"

static int failures;

static void check(int holds, const char *what) {
  if (holds) return;
  failures++;
  printf("failed: %s\n", what);
}

static const char *at(long offset) { return (const char *)VDSO_USER_BASE + offset; }

int main(int count, char **arguments) {
  if (count < 2) return 99;
  int file = open(arguments[1], O_RDONLY);
  int fixed = MAP_PRIVATE | MAP_FIXED_NOREPLACE;
  void *data = mmap((void *)at(-2 * VDSO_PAGE_SIZE), 2 * VDSO_PAGE_SIZE, PROT_READ, fixed, file, 0);
  void *code = mmap((void *)at(0), VDSO_PAGE_SIZE, PROT_READ | PROT_EXEC, fixed, file, 2 * VDSO_PAGE_SIZE);
  if (data == MAP_FAILED || code == MAP_FAILED) {
    perror("map the pages at VDSO_USER_BASE");
    return 98;
  }
  int (*gettimeofday_at)(struct timeval *, void *) = (void *)at(0x100);
  int (*clock_gettime_at)(int, struct timespec *) = (void *)at(0x200);
  long (*time_at)(long *) = (void *)at(0x300);
  int (*getpid_at)(void) = (void *)at(0x400);

  time_t first = count > 2 ? atol(arguments[2]) : time(NULL);
  struct timeval day = {0, -1};
  struct timespec now = {0, -1};
  long stored = 0;
  check(gettimeofday_at(&day, NULL) == 0, "gettimeofday returns 0");
  check(clock_gettime_at(CLOCK_REALTIME, &now) == 0, "clock_gettime returns 0");
  long seconds = time_at(&stored);
  time_t last = count > 2 ? first : time(NULL);
  check(first <= day.tv_sec && day.tv_sec <= last, "gettimeofday tells the seconds");
  check(day.tv_usec >= 0 && day.tv_usec < 1000000, "gettimeofday tells microseconds");
  check(first <= now.tv_sec && now.tv_sec <= last, "clock_gettime tells the seconds");
  check(now.tv_nsec >= 0 && now.tv_nsec < 1000000000, "clock_gettime tells nanoseconds");
  // The kernel's time() has the seconds of the last tick, which may be one less.
  check(first - 1 <= seconds && seconds <= last && stored == seconds, "time tells the seconds, and stores them");
  check(getpid_at() == 4711, "getpid tells the identity page's pid");
  return failures;
}
