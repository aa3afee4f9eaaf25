// SPDX-License-Identifier: Apache-2.0

// Compares each function of the shim with the raw system call: values, errno, null pointers, every clock from -100 to 100,
// and a dynamic clock (another process's). Prints each difference; the exit status is 1 if there was one.

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <vdsoshim.h>

static int differences;

#define CHECK(condition, ...) \
  do {                        \
    if (!(condition)) {       \
      differences++;          \
      printf(__VA_ARGS__);    \
      putchar('\n');          \
    }                         \
  } while (0)

static int64_t nanoseconds(struct timespec time) { return time.tv_sec * 1000000000LL + time.tv_nsec; }

static void check_clock(clockid_t clock) {
  struct timespec before = {0}, middle = {0}, after = {0}, resolution = {-1, -1}, expected = {-1, -1};
  errno = 0;
  long raw = syscall(SYS_clock_gettime, clock, &before);
  int raw_errno = errno;
  errno = 0;
  int result = clock_gettime(clock, &middle);
  int result_errno = errno;
  syscall(SYS_clock_gettime, clock, &after);
  CHECK(result == raw && result_errno == raw_errno, "clock_gettime(%d): %d errno %d, kernel: %ld errno %d", clock,
        result, result_errno, raw, raw_errno);
  if (raw == 0)
    CHECK(nanoseconds(before) <= nanoseconds(middle) && nanoseconds(middle) <= nanoseconds(after),
          "clock_gettime(%d) is not between the kernel's before and after", clock);

  errno = 0;
  raw = syscall(SYS_clock_getres, clock, &expected);
  raw_errno = errno;
  errno = 0;
  result = clock_getres(clock, &resolution);
  CHECK(result == raw && errno == raw_errno && nanoseconds(resolution) == nanoseconds(expected),
        "clock_getres(%d): %d errno %d %lld, kernel: %ld errno %d %lld", clock, result, errno,
        (long long)nanoseconds(resolution), raw, raw_errno, (long long)nanoseconds(expected));
  errno = 0;
  result = clock_getres(clock, NULL);
  CHECK(result == raw && errno == raw_errno, "clock_getres(%d, NULL): %d errno %d", clock, result, errno);
}

// Pointers that the compiler doesn't know to be null: libc's header forbids them.
static void *volatile null;

static void check_null(void) {
  errno = 0;
  CHECK(clock_gettime(CLOCK_REALTIME, null) == -1 && errno == EFAULT, "clock_gettime(NULL): errno %d", errno);
  CHECK(gettimeofday(null, NULL) == 0, "gettimeofday(NULL, NULL) fails");
  CHECK(getcpu(NULL, NULL) == 0, "getcpu(NULL, NULL) fails");
}

static void check_times(void) {
  struct timeval before, middle, after;
  struct timezone zone = {-1, -1}, expected = {-1, -1};
  syscall(SYS_gettimeofday, &before, &expected);
  CHECK(gettimeofday(&middle, &zone) == 0, "gettimeofday fails");
  syscall(SYS_gettimeofday, &after, NULL);
  CHECK(!timercmp(&middle, &before, <) && !timercmp(&after, &middle, <), "gettimeofday is not between the kernel's");
  CHECK(zone.tz_minuteswest == expected.tz_minuteswest && zone.tz_dsttime == expected.tz_dsttime, "time zone differs");

  time_t seconds = -1;
  long earliest = syscall(SYS_time, NULL);
  time_t now = time(&seconds);
  CHECK(now == seconds, "time's result and argument differ");
  CHECK(earliest <= now && now <= syscall(SYS_time, NULL), "time is not between the kernel's");

  cpu_set_t one;
  unsigned processor = ~0u, node = ~0u, raw_processor, raw_node;
  sched_getaffinity(0, sizeof one, &one);
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &one)) {
      CPU_ZERO(&one);
      CPU_SET(i, &one);
      break;
    }
  sched_setaffinity(0, sizeof one, &one);
  syscall(SYS_getcpu, &raw_processor, &raw_node, NULL);
  CHECK(getcpu(&processor, &node) == 0 && processor == raw_processor && node == raw_node, "getcpu differs");
}

static void check_identity(void) {
  CHECK(getpid() == syscall(SYS_getpid), "getpid differs");
  CHECK(getuid() == syscall(SYS_getuid), "getuid differs");
  CHECK(geteuid() == syscall(SYS_geteuid), "geteuid differs");
  CHECK(getgid() == syscall(SYS_getgid), "getgid differs");
  CHECK(getegid() == syscall(SYS_getegid), "getegid differs");
}

// Changes its effective ids after they were read, and reads them again. Does nothing for a user without the right.
static void check_changed_ids(void) {
  if (syscall(SYS_setresgid, -1, 65534, -1) != 0 || syscall(SYS_setresuid, -1, 65534, -1) != 0) return;
  CHECK(geteuid() == 65534 && getegid() == 65534, "changed ids are not seen");
  syscall(SYS_setresuid, -1, 0, -1);
  syscall(SYS_setresgid, -1, 0, -1);
}

int main(void) {
  for (clockid_t clock = -100; clock <= 100; clock++) check_clock(clock);
  check_clock((clockid_t)(~(unsigned)getppid() << 3 | 2));
  check_null();
  check_times();
  check_identity();
  check_changed_ids();
  return differences != 0;
}
