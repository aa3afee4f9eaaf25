#define _GNU_SOURCE
#include "memory_file.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>

int linux_memory_file(const char *name) { return memfd_create(name, LINUX_MEMORY_FILE_FLAGS); }

bool linux_may_write_files(int pid, uint64_t size) {
  struct rlimit limit;
  return prlimit(pid, RLIMIT_FSIZE, NULL, &limit) != 0 || size <= limit.rlim_cur;
}
