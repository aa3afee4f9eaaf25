// SPDX-License-Identifier: Apache-2.0

// Checks that the system calls that read clocks agree with libc's functions, which read the page.

#include "clock-readings.h"

#include <stdio.h>
#include <sys/time.h>

#include "system-time.h"

static int failures;

static void between(int64_t before, int64_t value, int64_t after, const char *name) {
  if (before <= value && value <= after) return;
  printf("%s: %lld is not from %lld to %lld\n", name, (long long)value, (long long)before, (long long)after);
  failures++;
}

int main(void) {
  static const clockid_t ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW, CLOCK_TAI};
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < 5; i++) {
      // A counter clock may differ from the host's clock by some hundred nanoseconds.
      int64_t before = page(ids[i]) - 20000, value = raw(ids[i]);
      between(before, value, page(ids[i]) + 20000, "clock_gettime");
    }
    int64_t before = page(CLOCK_REALTIME);
    struct {
      long seconds, fraction;
    } time = {0, 0};
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &time);
    int64_t value = (int64_t)time.seconds * 1000000000 + time.fraction;
    syscall(SYS_gettimeofday, &time, NULL);
    int64_t micro = ((int64_t)time.seconds * 1000000 + time.fraction) * 1000;
    long seconds = system_time();
    int64_t after = page(CLOCK_REALTIME);
    between(before - 20000, value, after + 20000, "clock_gettime, native");
    between(before - 21000, micro, after + 20000, "gettimeofday");
    between(before / 1000000000 - 1, seconds, after / 1000000000, "time");
    // The kernel's own errors stay.
    if (syscall(SYS_clock_gettime, CLOCK_REALTIME, NULL) == 0 || syscall(SYS_clock_gettime, 77, &time) == 0) failures++;
    if (raw(CLOCK_PROCESS_CPUTIME_ID) > page(CLOCK_PROCESS_CPUTIME_ID)) failures++;
  }
  printf("%d failures\n", failures);
  return failures != 0;
}
