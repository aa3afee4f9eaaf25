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

#endif
