// SPDX-License-Identifier: Apache-2.0

// Functions that musl implements by old system calls, here by those that glibc uses: seccomp filters that allow only certain calls know
// these.

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int open(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

// The kernel's structure is the same on x86_64.
int fstatat(int directory, const char *restrict path, struct stat *restrict status, int flags) {
  return (int)syscall(SYS_newfstatat, directory, path, status, flags);
}

int stat(const char *restrict path, struct stat *restrict status) { return fstatat(AT_FDCWD, path, status, 0); }

int lstat(const char *restrict path, struct stat *restrict status) {
  return fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

int fstat(int file, struct stat *status) { return fstatat(file, "", status, AT_EMPTY_PATH); }

int nanosleep(const struct timespec *time, struct timespec *rest) {
  return (int)syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, time, rest);
}

pid_t fork(void) { return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL); }
