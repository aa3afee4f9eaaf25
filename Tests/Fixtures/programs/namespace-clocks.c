// SPDX-License-Identifier: Apache-2.0

// Compares what the page tells of each clock with what the system call does, which a time namespace moves. Prints how many differ.

#include "clock-readings.h"

#include <stdio.h>

int main(void) {
  static const clockid_t clocks[] = {CLOCK_REALTIME,        CLOCK_MONOTONIC,        CLOCK_MONOTONIC_RAW,
                                     CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME};
  int differences = 0;
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    int64_t call = raw(clocks[i]);
    // Far less than the namespace's offset, and far more than a stop between the two readings.
    int64_t difference = (page(clocks[i]) - call) / 1000000000;
    if (difference > 500 || difference < -500) differences++;
  }
  printf("%d\n", differences);
  return 0;
}
