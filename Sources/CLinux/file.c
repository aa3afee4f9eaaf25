// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "linux_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clinux.h"

int linux_open_for_reading(const char *path) {
  long result;
  do result = linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0, 0, 0);
  while (result == -EINTR);
  return (int)result;
}

int linux_duplicate(int fd) { return (int)linux_syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 0, 0, 0, 0); }

int linux_hold(const char *path) {
  return (int)linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_PATH | O_CLOEXEC, 0, 0, 0);
}

int linux_open_for_writing(const char *path) {
  return (int)linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0, 0, 0);
}

void linux_close(int fd) { linux_syscall(SYS_close, fd, 0, 0, 0, 0, 0); }

int64_t linux_regular_file_size(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return -EBADF;
  if (S_ISDIR(status.st_mode)) return -EISDIR;
  return S_ISREG(status.st_mode) ? (int64_t)status.st_size : -ENOTSUP;
}

int linux_check_executable(const void *path) {
  long result = linux_syscall(439 /* faccessat2 */, AT_FDCWD, (long)path, X_OK, AT_EACCESS, 0, 0);
  // EPERM is the answer of a container's filter that is older than the call.
  if (result == -ENOSYS || result == -EPERM) result = linux_syscall(SYS_faccessat, AT_FDCWD, (long)path, X_OK, 0, 0, 0);
  return (int)result;
}

struct linux_file_identity linux_identity(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return (struct linux_file_identity){0, 0};
  return (struct linux_file_identity){status.st_dev, status.st_ino};
}

bool linux_has_capabilities(const char *path) {
  return linux_syscall(SYS_getxattr, (long)path, (long)"security.capability", 0, 0, 0, 0) > 0;
}

int64_t linux_read_at(int fd, void *buffer, size_t count, int64_t offset) {
  long result;
  do result = linux_syscall(SYS_pread64, fd, (long)buffer, (long)count, (long)offset, 0, 0);
  while (result == -EINTR);
  return result;
}
