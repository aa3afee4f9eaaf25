// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <linux_memory.h>

void linux_be_urgent(bool is_urgent) {
  struct sched_param parameter = {.sched_priority = is_urgent ? 1 : 0};
  sched_setscheduler(0, (is_urgent ? SCHED_FIFO : SCHED_OTHER) | SCHED_RESET_ON_FORK, &parameter);
}

int linux_overwrite_memory(int process, uint64_t address, const void *bytes, size_t count) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/mem", process);
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return -errno;
  ssize_t written = pwrite(file, bytes, count, (off_t)address);
  int error = written < 0 ? errno : (size_t)written == count ? 0 : EFAULT;
  close(file);
  return -error;
}

// The code segment of 64-bit programs, and the bit of the flags that is always set.
enum { CODE_SEGMENT = 0x33, FIXED_FLAG = 2, FLAGS_END = 1 << 22 };

size_t linux_saved_contexts(int process, uint64_t address, uint64_t first, uint64_t end,
                            struct linux_saved_context *found, size_t capacity) {
  static _Thread_local uint64_t words[8192];
  int64_t size = linux_read_memory(process, address & ~UINT64_C(7), words, sizeof words);
  size_t count = size < 0 ? 0 : (size_t)size / sizeof *words, stored = 0;
  // A ucontext_t: 21 words in front of the program counter, which flags and segments follow.
  uint64_t start = address & ~UINT64_C(7);
  for (size_t index = 21; index + 2 < count && stored < capacity; index++) {
    if (words[index] - first >= end - first) continue;
    uint64_t flags = words[index + 1], place = start + index * sizeof *words;
    if (!(flags & FIXED_FLAG) || flags >= FLAGS_END || (words[index + 2] & 0xffff) != CODE_SEGMENT) continue;
    uint64_t stack = words[index - 19], stack_size = words[index - 17], saved = words[index - 1];
    // A context on the signal stack is in use while the thread is on that stack. On another stack it lies right below the interrupted
    // frame.
    bool is_in_use = place - stack < stack_size ? address - stack < stack_size : saved - place < sizeof words;
    if (words[index - 21] > 255 || !is_in_use) continue;
    found[stored].place = place;
    found[stored].program_counter = words[index];
    found[stored].stack_pointer = words[index - 1];
    stored++;
  }
  return stored;
}

bool linux_has_word_in_range(int process, uint64_t address, size_t count, uint64_t first, uint64_t end) {
  uint64_t words[128];
  if (count > sizeof words) count = sizeof words;
  int64_t size = linux_read_memory(process, address & ~UINT64_C(7), words, count);
  for (int64_t index = 0; index < size / 8; index++) {
    if (words[index] - first < end - first) return true;
  }
  return false;
}

uint64_t linux_rseq_area_of(int thread) {
  struct {
    uint64_t address;
    uint32_t size, signature, flags, pad;
  } configuration;
  long size = ptrace(0x420f /* PTRACE_GET_RSEQ_CONFIGURATION */, thread, (void *)sizeof configuration, &configuration);
  return size < 8 ? 0 : configuration.address;
}
