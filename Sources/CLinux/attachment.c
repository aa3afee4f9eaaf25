// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <linux_memory.h>

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

// The code segments of 64-bit and 32-bit programs, the other segments, and the bit of the flags that is always set.
enum { CODE_SEGMENT = 0x33, CODE_SEGMENT_32 = 0x23, DATA_SEGMENT = 0x2b, FIXED_FLAG = 2, FLAGS_END = 1 << 22 };

static _Thread_local union {
  uint64_t words[8192];
  uint32_t words_32[16384];
} stack_copy;

// A 32-bit `struct sigcontext`: 14 words in front of the program counter, four behind it. In front of it a frame for SA_SIGINFO has a
// `stack_t`, and a frame without has its return address and the number of the signal.
static bool is_context_in_use_32(const uint32_t *counter, uint32_t address, uint32_t place) {
  enum { SMALLEST_STACK = 2048 };
  uint32_t saved = counter[-7], stack = counter[-17], stack_size = counter[-15];
  bool is_below = saved - place < sizeof stack_copy;
  if (stack_size < SMALLEST_STACK) return is_below || stack_size != 0;
  return place - stack < stack_size ? address - stack < stack_size : is_below;
}

static size_t saved_contexts_32(int process, uint32_t address, uint32_t first, uint32_t end,
                                struct linux_saved_context *found, size_t capacity) {
  uint32_t *words = stack_copy.words_32, start = address & ~UINT32_C(3);
  int64_t size = linux_read_memory(process, start, words, sizeof stack_copy);
  size_t count = size < 0 ? 0 : (size_t)size / sizeof *words, stored = 0;
  for (size_t index = 17; index + 4 < count && stored < capacity; index++) {
    const uint32_t *counter = words + index;
    if (*counter - first >= end - first) continue;
    uint32_t flags = counter[2], place = start + (uint32_t)(index * sizeof *words);
    if (!(flags & FIXED_FLAG) || flags >= FLAGS_END) continue;
    if ((counter[1] & 0xffff) != CODE_SEGMENT_32 || (counter[4] & 0xffff) != DATA_SEGMENT) continue;
    // The stack pointer is there twice.
    if (counter[-7] != counter[3] || !is_context_in_use_32(counter, address, place)) continue;
    found[stored++] =
        (struct linux_saved_context){.place = place, .program_counter = *counter, .stack_pointer = counter[-7]};
  }
  return stored;
}

size_t linux_saved_contexts(int process, bool is_32bit, uint64_t address, uint64_t first, uint64_t end,
                            struct linux_saved_context *found, size_t capacity) {
  if (is_32bit) return saved_contexts_32(process, (uint32_t)address, (uint32_t)first, (uint32_t)end, found, capacity);
  uint64_t *words = stack_copy.words;
  int64_t size = linux_read_memory(process, address & ~UINT64_C(7), words, sizeof stack_copy);
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
    bool is_in_use = place - stack < stack_size ? address - stack < stack_size : saved - place < sizeof stack_copy;
    if (words[index - 21] > 255 || !is_in_use) continue;
    found[stored].place = place;
    found[stored].program_counter = words[index];
    found[stored].stack_pointer = words[index - 1];
    stored++;
  }
  return stored;
}

uint64_t linux_rseq_area_of(int thread) {
  struct {
    uint64_t address;
    uint32_t size, signature, flags, pad;
  } configuration;
  long size = ptrace(0x420f /* PTRACE_GET_RSEQ_CONFIGURATION */, thread, (void *)sizeof configuration, &configuration);
  return size < 8 ? 0 : configuration.address;
}

bool linux_dispatches_calls(int thread) {
  // struct ptrace_sud_config; mode 1 is PR_SYS_DISPATCH_ON.
  uint64_t configuration[4] = {0};
  long result =
      ptrace(0x4211 /* PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG */, thread, (void *)sizeof configuration, configuration);
  return result == 0 && configuration[0] != 0;
}
