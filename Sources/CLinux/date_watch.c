// SPDX-License-Identifier: Apache-2.0

#include "date_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include <system_call.h>

// TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET
enum { ABSOLUTE = 1, CANCEL_ON_SET = 2 };

int linux_watch_date(void) {
  int watch = (int)linux_syscall(SYS_timerfd_create, CLOCK_REALTIME, O_CLOEXEC | O_NONBLOCK, 0, 0, 0, 0);
  if (watch < 0) return watch;
  // The kernel's last date, so the timer never expires.
  struct itimerspec never = {{0, 0}, {INT64_MAX / 1000000000, 0}};
  long result = linux_syscall(SYS_timerfd_settime, watch, ABSOLUTE | CANCEL_ON_SET, (long)&never, 0, 0, 0);
  if (result == 0) return watch;
  linux_syscall(SYS_close, watch, 0, 0, 0, 0, 0);
  return (int)result;
}

bool linux_was_date_set(int watch) {
  uint64_t expirations;
  return linux_syscall(SYS_read, watch, (long)&expirations, sizeof expirations, 0, 0, 0) == -ECANCELED;
}
