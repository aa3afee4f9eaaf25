// SPDX-License-Identifier: Apache-2.0

// The structures that clocks are read into.

#ifndef LINUX_CLOCK_H
#define LINUX_CLOCK_H

#include <stdbool.h>
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

/// The kernel's state of leap seconds, `TIME_OK` (0) to `TIME_ERROR` (5), or -1 if it can't be read.
int linux_leap_state(void);

/// How the kernel's clock is disciplined: fields of `struct timex`.
struct linux_discipline {
  int64_t frequency;
  int64_t tick;
  int64_t maximum_error;
  int64_t estimated_error;
  int64_t constant;
  int32_t status;
  int32_t tai;
};

/// Reads it into `*discipline` and returns whether it could. The corresponding C function is `adjtimex` without modes.
bool linux_read_discipline(struct linux_discipline *discipline);

#endif
