// SPDX-License-Identifier: Apache-2.0

// A clock in nanoseconds: by libc's function, which reads the page, and by the system call.

#define _GNU_SOURCE
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds(int64_t seconds, int64_t rest) { return seconds * 1000000000 + rest; }

static int64_t page(clockid_t id) {
  struct timespec time;
  clock_gettime(id, &time);
  return nanoseconds(time.tv_sec, time.tv_nsec);
}

static int64_t raw(clockid_t id) {
#ifdef SYS_clock_gettime64
  struct {
    int64_t seconds, nanoseconds;
  } time = {0, 0};
  syscall(SYS_clock_gettime64, id, &time);
#else
  struct {
    long seconds, nanoseconds;
  } time = {0, 0};
  syscall(SYS_clock_gettime, id, &time);
#endif
  return nanoseconds(time.seconds, time.nanoseconds);
}
