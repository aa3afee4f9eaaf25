// SPDX-License-Identifier: Apache-2.0

// Calls the page for GNU Mach. It must never trap: it returns ENOSYS for what it can't serve, and serves the rest.
// Usage: mach-calls PAGE. Exits with the number of failures.

#include <errno.h>

#include "exports.h"
#include "pages.h"

int main(int count, char **arguments) {
  if (count != 2) return 99;
  map_pages(arguments[1]);
  int (*clock)(int, time64 *) = exported(VDSO_SYM_CLOCK_GETTIME64);
  int (*native)(int, long *) = exported(VDSO_SYM_CLOCK_GETTIME);
  int (*day)(long *, void *) = exported(VDSO_SYM_GETTIMEOFDAY);
  int (*resolution)(int, long *) = exported(VDSO_SYM_CLOCK_GETRES);
  long (*seconds)(long *) = exported(VDSO_SYM_TIME);
  int (*pid)(void) = exported(VDSO_SYM_GETPID);
  time64 t;
  long pair[2];
  int failures = 0;
  failures += clock(1, &t) != -ENOSYS;
  failures += clock(99, &t) != -ENOSYS;
  failures += native(1, pair) != -ENOSYS;
  failures += day(pair, NULL) != -ENOSYS;
  failures += resolution(1, pair) != -ENOSYS;
  failures += seconds(NULL) != -ENOSYS;
  failures += pid() != -ENOSYS;
  identity_page->valid = 1 << VDSO_IDENTITY_PID;
  identity_page->words[VDSO_IDENTITY_PID] = 5;
  failures += pid() != 5;
  for (int i = 0; i < 2; i++)
    for (int id = 0; id < VDSO_CLOCK_COUNT; id++)
      copy(i)->clocks[id] = (vdso_clock_t){.source = VDSO_SOURCE_PUBLISHED, .seconds = 42, .phase = 7ull << 32};
  failures += clock(1, &t) != 0 || t.seconds != 42 || t.nanoseconds != 7;
  failures += seconds(NULL) != 42;
  return failures;
}
