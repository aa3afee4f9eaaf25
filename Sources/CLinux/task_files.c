// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "task_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <system_call.h>

struct entry {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

static bool is_connection(int directory, const char *name) {
  char target[16];
  long count = linux_syscall(SYS_readlinkat, directory, (long)name, (long)target, sizeof target, 0, 0);
  return count >= 8 && (memcmp(target, "pipe:", 5) == 0 || memcmp(target, "socket:", 7) == 0);
}

static bool is_closed_on_exec(int thread, const char *name) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/fdinfo/%s", thread, name);
  long file = linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
  if (file < 0) return false;
  long count = linux_syscall(SYS_read, file, (long)text, sizeof text - 1, 0, 0, 0);
  linux_syscall(SYS_close, file, 0, 0, 0, 0, 0);
  text[count < 0 ? 0 : count] = 0;
  const char *flags = strstr(text, "flags:");
  return flags != NULL && (strtoul(flags + 6, NULL, 8) & O_CLOEXEC) != 0;
}

size_t linux_closing_connections(int thread, int *numbers, size_t capacity) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/fd", thread);
  long directory = linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0);
  if (directory < 0) return 0;
  size_t found = 0;
  // A copy costs less than to ask whether execve closes it, and one that stays open in the program does no harm.
  enum { UNASKED = 16 };
  _Alignas(struct entry) char entries[4096];
  long count;
  while ((count = linux_syscall(SYS_getdents64, directory, (long)entries, sizeof entries, 0, 0, 0)) > 0) {
    for (long offset = 0; offset < count;) {
      const struct entry *entry = (const struct entry *)(entries + offset);
      offset += entry->size;
      if (entry->name[0] == '.' || !is_connection((int)directory, entry->name)) continue;
      if (found < UNASKED || (found < capacity && is_closed_on_exec(thread, entry->name)))
        numbers[found++] = atoi(entry->name);
    }
  }
  linux_syscall(SYS_close, directory, 0, 0, 0, 0, 0);
  return found;
}
