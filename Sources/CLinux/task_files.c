// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "task_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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

// The names in /proc/PID/NAME, one by one.
struct listing {
  long directory, offset, count;
  _Alignas(struct entry) char entries[4096];
};

static bool begin_listing_of(struct listing *listing, const char *path) {
  listing->directory = linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0);
  listing->offset = listing->count = 0;
  return listing->directory >= 0;
}

static bool begin_listing(struct listing *listing, int task, const char *name) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/%s", task, name);
  return begin_listing_of(listing, path);
}

// Returns NULL after the last one, and then the directory is closed.
static const char *next_name(struct listing *listing) {
  for (;;) {
    if (listing->offset >= listing->count) {
      listing->offset = 0;
      listing->count =
          linux_syscall(SYS_getdents64, listing->directory, (long)listing->entries, sizeof listing->entries, 0, 0, 0);
      if (listing->count <= 0) break;
    }
    const struct entry *entry = (const struct entry *)(listing->entries + listing->offset);
    listing->offset += entry->size;
    if (entry->name[0] != '.') return entry->name;
  }
  linux_syscall(SYS_close, listing->directory, 0, 0, 0, 0, 0);
  return NULL;
}

static bool is_connection(int directory, const char *name) {
  char target[16];
  long count = linux_syscall(SYS_readlinkat, directory, (long)name, (long)target, sizeof target, 0, 0);
  return count >= 8 && (memcmp(target, "pipe:", 5) == 0 || memcmp(target, "socket:", 7) == 0);
}

// The text of one read of a file, empty if there is none.
static void read_text(const char *path, char *text, size_t capacity) {
  long file = linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0), count = 0;
  if (file >= 0) {
    count = linux_syscall(SYS_read, file, (long)text, (long)capacity - 1, 0, 0, 0);
    linux_syscall(SYS_close, file, 0, 0, 0, 0, 0);
  }
  text[count < 0 ? 0 : count] = 0;
}

static bool is_closed_on_exec(int thread, const char *name) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/fdinfo/%s", thread, name);
  read_text(path, text, sizeof text);
  const char *flags = strstr(text, "flags:");
  return flags != NULL && (strtoul(flags + 6, NULL, 8) & O_CLOEXEC) != 0;
}

static long compare_files(int process, int number, int other, int others_number) {
  enum { SAME_FILE = 0 };  // KCMP_FILE
  return linux_syscall(SYS_kcmp, process, other, SAME_FILE, number, others_number, 0);
}

int linux_free_descriptor(int process) {
  enum { TRIED = 64 };
  for (int number = STDERR_FILENO + 1; number < TRIED; number++) {
    long result = compare_files(process, number, process, number);
    if (result == -EBADF) return number;
    if (result != 0) break;
  }
  return -1;
}

bool linux_shares_descriptor(int process, int number, int other, int others_number) {
  return compare_files(process, number, other, others_number) == 0;
}

// Stores the numbers of a thread's descriptors beyond the standard ones. Returns how many there are, or -1 if that takes a list: the kernel
// doesn't say how many are open, before Linux 6.2, or they have large numbers. A list makes the kernel build a file for each descriptor.
static int few_descriptors(int thread, int numbers[], int capacity) {
  char path[32];
  struct stat files;
  snprintf(path, sizeof path, "/proc/%d/fd", thread);
  if (linux_syscall(SYS_newfstatat, AT_FDCWD, (long)path, (long)&files, 0, 0, 0) != 0 || files.st_size == 0) return -1;
  int found = 0;
  long open = files.st_size;
  for (int number = 0; open > 0; number++) {
    if (number == capacity) return -1;
    if (!linux_shares_descriptor(thread, number, thread, number)) continue;
    open--;
    if (number > STDERR_FILENO) numbers[found++] = number;
  }
  return found;
}

size_t linux_closing_connections(int thread, int *numbers, size_t capacity) {
  enum {
    // Up to this many descriptors, a copy costs less than asking whether execve closes them. A copy of one that stays open does no harm.
    UNASKED = 16,
    // Up to this number, to try each costs less than to list them.
    TRIED = 16
  };
  int few[TRIED];
  int count = few_descriptors(thread, few, TRIED);
  if (count == 0) return 0;
  struct listing listing;
  if (!begin_listing(&listing, thread, "fd")) return 0;
  size_t found = 0;
  for (int i = 0; i < count; i++) {
    char name[12];
    snprintf(name, sizeof name, "%d", few[i]);
    if (is_connection((int)listing.directory, name)) numbers[found++] = few[i];
  }
  if (count > 0) {
    linux_syscall(SYS_close, listing.directory, 0, 0, 0, 0, 0);
    return found;
  }
  for (const char *name; (name = next_name(&listing)) != NULL;) {
    bool is_standard = name[0] <= '2' && name[1] == 0;
    if (is_standard || !is_connection((int)listing.directory, name)) continue;
    if (found < UNASKED || (found < capacity && is_closed_on_exec(thread, name))) numbers[found++] = atoi(name);
  }
  return found;
}

size_t linux_listeners_of(int process, int *numbers, size_t capacity) {
  static const char kind[] = "anon_inode:seccomp notify";
  struct listing listing;
  if (!begin_listing(&listing, process, "fd")) return 0;
  size_t found = 0;
  for (const char *name; (name = next_name(&listing)) != NULL;) {
    char target[32];
    long count = linux_syscall(SYS_readlinkat, listing.directory, (long)name, (long)target, sizeof target, 0, 0);
    if (count != sizeof kind - 1 || memcmp(target, kind, sizeof kind - 1) != 0) continue;
    if (found < capacity) numbers[found] = atoi(name);
    found++;
  }
  return found;
}

size_t linux_processes(int *ids, size_t capacity) {
  struct listing listing;
  if (!begin_listing_of(&listing, "/proc")) return 0;
  size_t found = 0;
  for (const char *name; (name = next_name(&listing)) != NULL;) {
    if (name[0] < '0' || name[0] > '9') continue;
    if (found < capacity) ids[found] = atoi(name);
    found++;
  }
  return found;
}

static bool read_link(char *target, size_t capacity, int process, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", process, name);
  long count = linux_syscall(SYS_readlinkat, AT_FDCWD, (long)path, (long)target, (long)capacity - 1, 0, 0);
  target[count < 0 ? 0 : count] = 0;
  return count > 0;
}

bool linux_shares_pid_namespace(int process, int other) {
  char first[64], second[64];
  return read_link(first, sizeof first, process, "ns/pid") && read_link(second, sizeof second, other, "ns/pid") &&
         strcmp(first, second) == 0;
}

bool linux_lends_memory(int process, int thread) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", process, thread);
  read_text(path, text, sizeof text);
  for (char *next = text; *next != 0;) {
    char *end;
    long child = strtol(next, &end, 10);
    if (end == next) break;
    if (linux_syscall(SYS_kcmp, process, child, 1 /* KCMP_VM */, 0, 0, 0) == 0) return true;
    next = *end == ' ' ? end + 1 : end;
  }
  return false;
}

// Linux 6.11, as in <linux/fs.h>.
struct mapping_query {
  uint64_t size, flags, address, start, end, mapping_flags, page_size, offset, inode;
  uint32_t device_major, device_minor, name_size, build_id_size;
  uint64_t name, build_id;
};
enum { COVERING_OR_NEXT = 0x10 };
_Static_assert(sizeof(struct mapping_query) == 104, "struct procmap_query");

int linux_next_mapping(int process, uint64_t address, struct linux_mapping *mapping) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/maps", process);
  long file = linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
  if (file < 0) return (int)file;
  struct mapping_query query = {.size = sizeof query, .flags = COVERING_OR_NEXT, .address = address};
  long result = linux_syscall(SYS_ioctl, file, (long)_IOWR('f', 17, struct mapping_query), (long)&query, 0, 0, 0);
  linux_syscall(SYS_close, file, 0, 0, 0, 0, 0);
  if (result < 0) return (int)result;
  *mapping = (struct linux_mapping){query.start, query.end};
  return 0;
}

size_t linux_threads_of(int process, int *ids, size_t capacity) {
  struct listing listing;
  if (!begin_listing(&listing, process, "task")) return 0;
  size_t found = 0;
  for (const char *name; (name = next_name(&listing)) != NULL; found++) {
    if (found < capacity) ids[found] = atoi(name);
  }
  return found;
}

bool linux_has_live_threads(int process) {
  int id;
  return linux_threads_of(process, &id, 1) > 1;
}
