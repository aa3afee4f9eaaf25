// SPDX-License-Identifier: Apache-2.0

// file-times FILE: checks that FILE's times agree with the date in every call that reads them, and are those that every call has set.
// Writes the number of failures, and each of them to standard error.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static int failures;
static const char *file;

struct found {
  long long seconds, fraction;
};

static struct found of_stat(const struct stat *s) { return (struct found){s->st_mtim.tv_sec, s->st_mtim.tv_nsec}; }

// The calls by their numbers; calls without a number are left out. The result of each is in `buffer`.
static unsigned char buffer[512];

static struct found at(int seconds, int size, int fraction_size) {
  struct found result = {0, 0};
  if (size == 8) {
    memcpy(&result.seconds, buffer + seconds, 8);
  } else {
    int word;
    memcpy(&word, buffer + seconds, 4);
    result.seconds = word;
  }
  if (fraction_size) memcpy(&result.fraction, buffer + seconds + size, fraction_size);
  return result;
}

enum { WAYS = 16 };

static int read_by(int way, struct found *found, const char **name) {
  struct stat s;
  int descriptor = -1, result = -2;
  switch (way) {
    case 0:
      *name = "stat", result = stat(file, &s), *found = of_stat(&s);
      break;
    case 1:
      *name = "lstat", result = lstat(file, &s), *found = of_stat(&s);
      break;
    case 2:
      *name = "fstatat", result = fstatat(AT_FDCWD, file, &s, 0), *found = of_stat(&s);
      break;
    case 3:
      *name = "fstat", descriptor = open(file, O_RDONLY), result = fstat(descriptor, &s), *found = of_stat(&s);
      break;
    case 4:
      *name = "statx", result = syscall(SYS_statx, AT_FDCWD, file, 0, 0xfff, buffer), *found = at(112, 8, 4);
      break;
#ifdef __LP64__
#ifdef SYS_stat
    case 5:
      *name = "call stat", result = syscall(SYS_stat, file, buffer), *found = at(88, 8, 8);
      break;
    case 6:
      *name = "call lstat", result = syscall(SYS_lstat, file, buffer), *found = at(88, 8, 8);
      break;
#endif
    case 7:
      *name = "call newfstatat", result = syscall(SYS_newfstatat, AT_FDCWD, file, buffer, 0), *found = at(88, 8, 8);
      break;
    case 8:
      *name = "call fstat", descriptor = open(file, O_RDONLY), result = syscall(SYS_fstat, descriptor, buffer),
      *found = at(88, 8, 8);
      break;
#else
    case 5:
      *name = "call stat", result = syscall(106, file, buffer), *found = at(40, 4, 4);
      break;
    case 6:
      *name = "call lstat", result = syscall(107, file, buffer), *found = at(40, 4, 4);
      break;
    case 7:
      *name = "call fstat", descriptor = open(file, O_RDONLY), result = syscall(108, descriptor, buffer),
      *found = at(40, 4, 4);
      break;
    case 8:
      *name = "call stat64", result = syscall(195, file, buffer), *found = at(72, 4, 4);
      break;
    case 9:
      *name = "call lstat64", result = syscall(196, file, buffer), *found = at(72, 4, 4);
      break;
    case 10:
      *name = "call fstat64", descriptor = open(file, O_RDONLY), result = syscall(197, descriptor, buffer),
      *found = at(72, 4, 4);
      break;
    case 11:
      *name = "call fstatat64", result = syscall(300, AT_FDCWD, file, buffer, 0), *found = at(72, 4, 4);
      break;
#endif
  }
  if (descriptor >= 0) close(descriptor);
  return result;
}

static void check(const char *setting, const struct timespec *from, const struct timespec *to, int resolution) {
  for (int way = 0; way < WAYS; way++) {
    struct found found = {0, 0};
    const char *name = "";
    int result = read_by(way, &found, &name);
    if (result == -2) continue;
    long long time = found.seconds * 1000000000 + found.fraction, first = from->tv_sec * 1000000000LL + from->tv_nsec,
              last = to->tv_sec * 1000000000LL + to->tv_nsec;
    if (result == 0 && time >= first / resolution * resolution && time <= last) continue;
    failures++;
    fprintf(stderr, "%s, %s: %lld.%09lld (%d)\n", setting, name, found.seconds, found.fraction, result);
  }
}

static void is(const char *setting, int result, long seconds, long nanoseconds) {
  struct timespec time = {.tv_sec = seconds, .tv_nsec = nanoseconds};
  if (result != 0) failures++, perror(setting);
  check(setting, &time, &time, 1);
}

static void is_present(const char *setting, int result, const struct timespec *before) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != 0) failures++, perror(setting);
  check(setting, before, &now, 1);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  file = arguments[1];
  struct timespec before;
  clock_gettime(CLOCK_REALTIME_COARSE, &before);
  int descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  is_present("written", write(descriptor, "a", 1) - 1, &before);

  struct timespec times[2] = {{.tv_sec = 1000000000, .tv_nsec = 1}, {.tv_sec = 1234567890, .tv_nsec = 123456789}};
  is("utimensat", utimensat(AT_FDCWD, file, times, 0), 1234567890, 123456789);
  times[1].tv_nsec = 5;
  is("futimens", futimens(descriptor, times), 1234567890, 5);
  times[1].tv_nsec = UTIME_OMIT;
  is("UTIME_OMIT", utimensat(AT_FDCWD, file, times, AT_SYMLINK_NOFOLLOW), 1234567890, 5);
  struct stat s;
  if (stat(file, &s) != 0 || s.st_atim.tv_sec != 1000000000 || s.st_atim.tv_nsec != 1)
    failures++, fprintf(stderr, "access\n");
  clock_gettime(CLOCK_REALTIME_COARSE, &before);
  times[1].tv_nsec = UTIME_NOW;
  is_present("UTIME_NOW", utimensat(AT_FDCWD, file, times, 0), &before);

  struct timeval values[2] = {{.tv_sec = 1000000001, .tv_usec = 2}, {.tv_sec = 1100000000, .tv_usec = 999999}};
  is("utimes", utimes(file, values), 1100000000, 999999000);
  values[1].tv_usec = 3;
  is("futimesat", futimesat(AT_FDCWD, file, values), 1100000000, 3000);
  struct utimbuf seconds = {.actime = 1, .modtime = 1200000000};
  is("utime", utime(file, &seconds), 1200000000, 0);
  long words[4] = {1000000002, 0, 1300000000, 1};
#ifdef __LP64__
#ifdef SYS_utime
  is("call utime", syscall(SYS_utime, file, (long[]){1, 1300000001}), 1300000001, 0);
  is("call utimes", syscall(SYS_utimes, file, words), 1300000000, 1000);
  is("call futimesat", syscall(SYS_futimesat, AT_FDCWD, file, words), 1300000000, 1000);
#endif
  is("call utimensat", syscall(SYS_utimensat, AT_FDCWD, file, words, 0), 1300000000, 1);
#else
  is("call utime", syscall(30, file, (long[]){1, 1300000001}), 1300000001, 0);
  is("call utimes", syscall(271, file, words), 1300000000, 1000);
  is("call futimesat", syscall(299, AT_FDCWD, file, words), 1300000000, 1000);
  is("call utimensat", syscall(320, AT_FDCWD, file, words, 0), 1300000000, 1);
  // The upper halves of the nanoseconds are padding.
  long long wide[4] = {1000000002, -4294967296LL, 1400000000, 1 + (77LL << 32)};
  is("call utimensat_time64", syscall(412, AT_FDCWD, file, wide, 0), 1400000000, 1);
#endif
  clock_gettime(CLOCK_REALTIME_COARSE, &before);
  is_present("without times", utimensat(AT_FDCWD, file, NULL, 0), &before);

  times[0] = times[1] = (struct timespec){.tv_sec = 1, .tv_nsec = 1000000000};
  if (utimensat(AT_FDCWD, file, times, 0) == 0) failures++, fprintf(stderr, "a second of nanoseconds\n");
  if (stat("/no/such/file", &s) == 0) failures++, fprintf(stderr, "no file\n");
  struct timespec last[2] = {{.tv_sec = 1500000000}, {.tv_sec = 1500000000, .tv_nsec = 500000000}};
  is("last", utimensat(AT_FDCWD, file, last, 0), 1500000000, 500000000);
  printf("%d failures\n", failures);
  return failures != 0;
}
