// Compares what the page tells of each clock with what the system call does, which a time namespace moves. Prints how many differ.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  static const clockid_t clocks[] = {CLOCK_REALTIME,      CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                                     CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME};
  int differences = 0;
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    struct timespec page;
    int64_t call[2];
#if defined(SYS_clock_gettime64)
    syscall(SYS_clock_gettime64, clocks[i], call);
#else
    syscall(SYS_clock_gettime, clocks[i], call);
#endif
    clock_gettime(clocks[i], &page);
    // Far less than the namespace's offset, and far more than a stop between the two readings.
    int64_t difference = (int64_t)page.tv_sec - call[0];
    if (difference > 500 || difference < -500) differences++;
  }
  printf("%d\n", differences);
  return 0;
}
