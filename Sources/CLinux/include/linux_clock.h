// The structures that clocks are read into.

#ifndef LINUX_CLOCK_H
#define LINUX_CLOCK_H

#include <stdint.h>

/// `struct timespec` of 64-bit Linux, and `struct __kernel_timespec` everywhere.
struct linux_timespec {
  int64_t tv_sec;
  int64_t tv_nsec;
};

/// `struct timeval` of 64-bit Linux.
struct linux_timeval {
  int64_t tv_sec;
  int64_t tv_usec;
};

/// The kernel's state of leap seconds, `TIME_OK` (0) to `TIME_ERROR` (5), or -1 where it can't be asked.
int linux_leap_state(void);

#endif
