// SPDX-License-Identifier: Apache-2.0

// Checks that no clock of the date shows a time before the given one, in seconds, by any call of the page and of the kernel. A word selects
// the check: "page N" checks the page alone for N milliseconds; "all N" everything; "behind N" also that coarse clocks are at most ten
// milliseconds behind the others; "changed" runs until the date is after 2100, and accepts times that are hours before the given one.

#include "clock-readings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static const int64_t hour = 3600000000000, lag = 10000000;
static int64_t earliest;
static int failures, isChanged;

static void check(const char *name, int64_t value, int64_t least) {
  if (value >= least || (isChanged && value < least - hour)) return;
  if (failures++ < 5) printf("%s: %lld, before %lld\n", name, (long long)value, (long long)least);
}

int main(int count, char **arguments) {
  earliest = atoll(arguments[1]) * 1000000000;
  int hasKernel = arguments[2][0] != 'p', isBehind = arguments[2][0] == 'b';
  isChanged = arguments[2][0] == 'c';
  int64_t length = count > 3 ? atoll(arguments[3]) * 1000000 : 0;
  int64_t start = page(CLOCK_MONOTONIC_RAW);
  do {
    // time() and the kernel's coarse clock come first, because they are the last to reach a date.
    check("time", nanoseconds(time(NULL), 0), earliest);
    if (hasKernel) check("coarse, by the kernel", raw(CLOCK_REALTIME_COARSE), earliest);
    check("coarse, by the page", page(CLOCK_REALTIME_COARSE), earliest);
    struct timeval now;
    gettimeofday(&now, NULL);
    check("gettimeofday", nanoseconds(now.tv_sec, now.tv_usec * 1000), earliest);
    check("realtime, by the page", page(CLOCK_REALTIME), earliest);
    if (hasKernel) check("realtime, by the kernel", raw(CLOCK_REALTIME), earliest);
    check("tai", page(CLOCK_TAI), earliest);
    if (!isBehind) continue;
    int64_t fine = page(CLOCK_REALTIME);
    check("coarse, behind", page(CLOCK_REALTIME_COARSE), fine - lag);
    fine = page(CLOCK_REALTIME);
    check("coarse by the kernel, behind", raw(CLOCK_REALTIME_COARSE), fine - lag);
    fine = page(CLOCK_REALTIME);
    check("time, behind", nanoseconds(time(NULL) + 1, 0), fine - lag);
    fine = page(CLOCK_MONOTONIC);
    check("coarse monotonic, behind", page(CLOCK_MONOTONIC_COARSE), fine - lag);
  } while (isChanged ? page(CLOCK_REALTIME) < 1147200 * hour : page(CLOCK_MONOTONIC_RAW) - start < length);
  printf("%d failures\n", failures);
  return failures != 0;
}
