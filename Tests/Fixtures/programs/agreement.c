// SPDX-License-Identifier: Apache-2.0

// Compares the vDSO with the kernel: each clock between two system calls, resolutions, invalid clocks, times of files that are made after a
// reading of the clock, and the image by its name. Usage: agreement FILE; FILE is made again and again.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 2000, FILES = 20000 };

static int failures;

#define CHECK(condition, ...)                         \
  if (!(condition)) {                                 \
    failures++;                                       \
    if (failures < 20) printf(__VA_ARGS__), puts(""); \
  }

static int64_t nanoseconds(struct timespec t) { return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec; }

#ifdef __i386__
typedef struct {
  int64_t seconds, nanoseconds;
} kernel_time;
static int64_t ask(long number, int id, int *status) {
  kernel_time t = {0, 0};
  *status = (int)syscall(number, id, &t);
  return t.seconds * 1000000000 + t.nanoseconds;
}
#define GETTIME 403
#define GETRES 406
#else
static int64_t ask(long number, int id, int *status) {
  struct timespec t = {0, 0};
  *status = (int)syscall(number, id, &t);
  return nanoseconds(t);
}
#define GETTIME SYS_clock_gettime
#define GETRES SYS_clock_getres
#endif

static void check_clock(int id) {
  struct timespec now, resolution;
  int before, after, status;
  int64_t fineness = ask(GETRES, id, &before);
  status = clock_getres(id, &resolution);
  CHECK(status == before && (status || nanoseconds(resolution) == fineness),
        "clock %d: resolution %lld, the kernel's %lld", id, (long long)nanoseconds(resolution), (long long)fineness);
  // The line of a counter clock follows the kernel's clocks as they were at the last comparison.
  int64_t slack = id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE ? 0 : 100000;
  for (int round = 0; round < ROUNDS; round++) {
    int64_t first = ask(GETTIME, id, &before);
    status = clock_gettime(id, &now);
    int64_t last = ask(GETTIME, id, &after);
    CHECK(status == before && status == after, "clock %d: %d, the kernel %d", id, status, before);
    if (status) return;
    CHECK(first - slack <= nanoseconds(now) && nanoseconds(now) <= last + slack,
          "clock %d: %lld ns before, %lld ns after", id, (long long)(nanoseconds(now) - first),
          (long long)(last - nanoseconds(now)));
  }
}

// A file that is made after a reading of the clock has no earlier time.
static void check_files(const char *path) {
  for (int round = 0; round < FILES; round++) {
    struct timespec coarse;
    struct stat info;
    time_t seconds = time(NULL);
    clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (file < 0 || write(file, "", 1) != 1 || fstat(file, &info)) {
      failures++;
      return;
    }
    close(file);
    CHECK(seconds <= info.st_mtim.tv_sec, "a file is older than time(): %ld, %ld", (long)info.st_mtim.tv_sec,
          (long)seconds);
    CHECK(nanoseconds(coarse) <= nanoseconds(info.st_mtim), "a file is older than CLOCK_REALTIME_COARSE by %lld ns",
          (long long)(nanoseconds(coarse) - nanoseconds(info.st_mtim)));
  }
}

int main(int count, char **arguments) {
  static const int invalid[] = {12, 24, 99, 1000, 0x7fffffff};
  if (count != 2) return 2;
  for (int id = 0; id < 12; id++) check_clock(id);
  for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
    struct timespec now;
    CHECK(clock_gettime(invalid[i], &now) == -1 && errno == EINVAL, "clock %d exists", invalid[i]);
  }
  check_files(arguments[1]);
#ifdef __i386__
  const char *name = "linux-gate.so.1";
#else
  const char *name = "linux-vdso.so.1";
#endif
  void *image = dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  CHECK(image && dlsym(image, "__vdso_clock_gettime"), "%s isn't found by its name", name);
  printf("%d failures\n", failures);
  return failures != 0;
}
