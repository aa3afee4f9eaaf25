// SPDX-License-Identifier: Apache-2.0

// Compares the page's reading of each clock with the system call's, which a time namespace shifts. Prints the number of differences.

#include "clock-readings.h"

#include <stdio.h>

int main(void) {
  static const clockid_t clocks[] = {CLOCK_REALTIME,        CLOCK_MONOTONIC,        CLOCK_MONOTONIC_RAW,
                                     CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME};
  int differences = 0;
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    int64_t call = raw(clocks[i]);
    // This limit is far below the namespace's offset, and far above a pause between the two readings.
    int64_t difference = (page(clocks[i]) - call) / 1000000000;
    if (difference > 500 || difference < -500) differences++;
  }
  printf("%d\n", differences);
  return 0;
}
