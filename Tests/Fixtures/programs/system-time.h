// SPDX-License-Identifier: Apache-2.0

// The seconds of time(), read by the system call.

#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Machines without that system call have the coarse clock's seconds.
static long system_time(void) {
#ifdef SYS_time
  return syscall(SYS_time, NULL);
#else
  struct timespec time = {0, 0};
  syscall(SYS_clock_gettime, CLOCK_REALTIME_COARSE, &time);
  return time.tv_sec;
#endif
}
