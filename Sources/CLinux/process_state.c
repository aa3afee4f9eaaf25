// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "process_state.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "clinux.h"

// Absent from musl and from glibc before 2.35.
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

uint64_t linux_rseq_size(void) { return &__rseq_size ? __rseq_size : 0; }

uint64_t linux_rseq_area(void) {
  if (linux_rseq_size() == 0) return 0;
  return (uint64_t)((char *)__builtin_thread_pointer() + __rseq_offset);
}

extern char **environ;

char *const *linux_environment(void) { return environ; }

int linux_status_of(int fd, struct linux_status *status) {
  struct stat result;
  if (fstat(fd, &result) != 0) return -errno;
  status->mode = result.st_mode;
  status->size = (uint64_t)result.st_size;
  return 0;
}

// From <linux/fcntl.h>, since Linux 6.14: execve only checks whether it could execute the file.
enum { EXECVE_CHECK = 0x10000 };

// Whether execveat refuses unknown flags. valgrind's ignores them all, and would execute the program in place of this one.
static bool respects_flags(void) {
  return linux_syscall(SYS_execveat, -1, (long)"", 0, 0, AT_EMPTY_PATH | 1 << 30, 0) == -EINVAL;
}

bool linux_is_open_for_writing(int fd) {
  // A lease takes a twentieth of the time that the check takes, and a process that opens the file meanwhile breaks it: its signal must be one
  // that is ignored.
  fcntl(fd, F_SETSIG, SIGURG);
  if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
  }
  bool may_be_open = errno == EAGAIN;
  // Without a filter only: a listener for execve would wait for a program that doesn't come, and a sandbox may end the process for the
  // call.
  if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0 && respects_flags()) {
    const char *const arguments[] = {"", 0};
    long result = linux_syscall(SYS_execveat, fd, (long)"", (long)arguments, 0, AT_EMPTY_PATH | EXECVE_CHECK, 0);
    if (result != -EINVAL && result != -ENOSYS) return result == -ETXTBSY;
  }
  return may_be_open;
}

bool linux_uses_wide_registers(void) {
#ifdef __GLIBC__
  return true;
#else
  // musl uses none, and this program is compiled for the least processor.
  return false;
#endif
}

// Whether the file begins with the program headers that this process has, which takes a tenth of the time of a look into /proc.
static bool has_own_headers(int fd) {
  unsigned char headers[32 * sizeof(ElfW(Phdr))];
  size_t size = getauxval(AT_PHNUM) * getauxval(AT_PHENT);
  const void *own = (const void *)getauxval(AT_PHDR);
  if (size == 0 || size > sizeof headers || !own) return true;
  return pread(fd, headers, size, sizeof(ElfW(Ehdr))) == (ssize_t)size && memcmp(headers, own, size) == 0;
}

bool linux_is_own_executable(int fd) {
  if (!has_own_headers(fd)) return false;
  struct stat own, other;
  return stat("/proc/self/exe", &own) == 0 && fstat(fd, &other) == 0 && own.st_dev == other.st_dev &&
         own.st_ino == other.st_ino;
}

bool linux_can_describe_memory(void) {
  unsigned size = 0;
  return prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0) == 0;
}

unsigned long linux_mount_flags(const unsigned char *path) {
  struct statfs result;
  return statfs((const char *)path, &result) == 0 ? (unsigned long)result.f_flags : 0;
}
