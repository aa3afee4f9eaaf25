// SPDX-License-Identifier: Apache-2.0

// tagged EARLIEST [FILE]: makes system calls whose pointers have a tag in their upper byte, as those of programs with HWASan do. The date
// must be at least EARLIEST, in seconds, each wait must last long enough, and FILE's time must fit the date. Prints the number of failures,
// then executes itself by tagged pointers.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int failures;

static void expect(int condition, const char *claim) {
  if (condition) return;
  printf("not true: %s, error %d\n", claim, errno);
  failures++;
}

#define TAGGED(pointer) ((uintptr_t)(pointer) | (uintptr_t)0x5a << 56)

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int64_t start;

static void lasts(int result, const char *call) {
  expect(result == 0 || errno == ETIMEDOUT, call);
  expect(now() - start >= 300, call);
  start = now();
}

int main(int count, char **arguments) {
  if (count < 2) return puts("executed") < 0;
  int64_t earliest = atoll(arguments[1]);
  expect(prctl(PR_SET_TAGGED_ADDR_CTRL, PR_TAGGED_ADDR_ENABLE, 0, 0, 0) == 0, "tags are accepted");
  struct timespec date = {0, 0};
  struct timeval value = {0, 0};
  expect(syscall(SYS_clock_gettime, CLOCK_REALTIME, TAGGED(&date)) == 0 && date.tv_sec >= earliest, "clock_gettime");
  expect(syscall(SYS_gettimeofday, TAGGED(&value), 0) == 0 && value.tv_sec >= earliest, "gettimeofday");
  expect(clock_gettime(CLOCK_REALTIME, (void *)TAGGED(&date)) == 0 && date.tv_sec >= earliest,
         "the page's clock_gettime");

  struct timespec span = {.tv_nsec = 300000000}, rest = span;
  uint32_t word = 0;
  start = now();
  lasts(syscall(SYS_nanosleep, TAGGED(&span), TAGGED(&rest)), "nanosleep");
  lasts(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, TAGGED(&span), TAGGED(&rest)), "clock_nanosleep");
  lasts(syscall(SYS_ppoll, 0, 0, TAGGED(&rest), 0, 8), "ppoll");
  lasts(syscall(SYS_futex, TAGGED(&word), FUTEX_WAIT_PRIVATE, 0, TAGGED(&span), 0, 0), "futex");
  if (count > 2) {
    struct timespec times[2] = {{.tv_sec = earliest}, {.tv_sec = earliest}};
    struct stat found = {.st_mtime = 0};
    int file = open(arguments[2], O_RDWR | O_CREAT | O_TRUNC, 0600);
    expect(syscall(SYS_fstat, file, TAGGED(&found)) == 0 && found.st_mtime >= earliest, "fstat");
    expect(syscall(SYS_utimensat, AT_FDCWD, TAGGED(arguments[2]), TAGGED(times), 0) == 0, "utimensat");
    expect(stat(arguments[2], &found) == 0 && found.st_mtime == earliest, "the time that utimensat has set");
  }
  printf("%d failures\n", failures);
  fflush(stdout);
  char *next[] = {(char *)TAGGED(arguments[0]), NULL};
  syscall(SYS_execve, TAGGED(arguments[0]), TAGGED(next), TAGGED(environ));
  return perror("execve"), 1;
}
