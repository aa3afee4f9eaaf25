// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>

int linux_memory_file(const char *name) { return memfd_create(name, LINUX_MEMORY_FILE_FLAGS); }

bool linux_may_write_files(int pid, uint64_t size) {
  struct rlimit limit;
  return prlimit(pid, RLIMIT_FSIZE, NULL, &limit) != 0 || size <= limit.rlim_cur;
}

bool linux_is_open_elsewhere(int file) {
  // The kernel grants a write lease only if nothing else has the file open. A mapping counts as the descriptor that it was made with.
  if (fcntl(file, F_SETLEASE, F_WRLCK) != 0) return errno == EAGAIN;
  fcntl(file, F_SETLEASE, F_UNLCK);
  return false;
}
