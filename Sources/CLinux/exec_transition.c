// SPDX-License-Identifier: Apache-2.0

#include "exec_transition.h"

#if defined(__x86_64__) || defined(__aarch64__)

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>

#include <system_call.h>

extern const char linux_transition_start[], linux_transition_return[], linux_transition_end[];

const void *linux_transition_code(void) { return linux_transition_start; }

size_t linux_transition_code_size(void) { return (size_t)(linux_transition_end - linux_transition_start); }

size_t linux_transition_return_offset(void) { return (size_t)(linux_transition_return - linux_transition_start); }

#if defined(__x86_64__)
// Addresses above this one, the line of [vsyscall], belong to the kernel.
static const uint64_t user_end = 0x7ffffffff000;
#else
static const uint64_t user_end = UINT64_MAX;
#endif

// Reads all of /proc/self/maps and ends it with a null. Returns its size, or a negated error number.
static long read_mappings(char *text, size_t size) {
  static const char path[] = "/proc/self/maps";
  long file;
  do file = linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
  while (file == -EINTR);
  if (file < 0) return file;
  size_t used = 0;
  long result;
  do {
    result = linux_syscall(SYS_read, file, (long)(text + used), (long)(size - 1 - used), 0, 0, 0);
    used += result > 0 ? (size_t)result : 0;
  } while (result == -EINTR || (result > 0 && used < size - 1));
  linux_syscall(SYS_close, file, 0, 0, 0, 0, 0);
  text[used] = 0;
  if (result < 0) return result;
  return used == size - 1 ? -E2BIG : (long)used;
}

static uint64_t hexadecimal(const char **text) {
  uint64_t value = 0;
  for (;; (*text)++) {
    char c = **text;
    if (c >= '0' && c <= '9')
      value = value << 4 | (uint64_t)(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = value << 4 | (uint64_t)(c - 'a' + 10);
    else
      return value;
  }
}

// The calls that unmap, as far as they are written. The calls for parts of mappings that touch each other follow one for all of them, and
// are skipped if that succeeds.
struct unmapping {
  const struct linux_transition_unmapping *of;
  size_t used;
  size_t run;  // the index of the call for the last parts that touch, and where they end
  uint64_t run_end;
};

static bool append(struct unmapping *calls, uint64_t start, uint64_t end) {
  if (calls->used == calls->of->capacity) return false;
  calls->of->calls[calls->used++] =
      (struct linux_transition_call){.number = SYS_munmap, .arguments = {start, end - start}};
  return true;
}

static bool unmap(struct unmapping *calls, uint64_t start, uint64_t end) {
  if (start != calls->run_end || calls->used == 0) {
    calls->run = calls->used;
    if (!append(calls, start, end)) return false;
  } else {
    calls->of->calls[calls->run].arguments[1] += end - start;
  }
  calls->run_end = end;
  calls->of->calls[calls->run].skip_zero += sizeof(struct linux_transition_call);
  return append(calls, start, end);
}

// Appends the calls that unmap one mapping except for its kept parts. Returns false if there is no space.
static bool unmap_all_but_kept(struct unmapping *calls, uint64_t start, uint64_t end) {
  const struct linux_transition_unmapping *of = calls->of;
  for (size_t i = 0; start < end; i++) {
    while (i < of->kept_count && of->kept[i].end <= start) i++;
    bool is_last = i >= of->kept_count || of->kept[i].start >= end;
    uint64_t stop = is_last ? end : of->kept[i].start;
    if (stop > start && !unmap(calls, start, stop)) return false;
    start = is_last ? end : of->kept[i].end;
  }
  return true;
}

// Writes all calls. Returns 0, or a negated error number.
static long list_calls(const struct linux_transition_unmapping *of) {
  long size = read_mappings(of->text, of->text_size);
  if (size < 0) return size;
  struct unmapping calls = {.of = of};
  for (const char *line = of->text; *line;) {
    uint64_t start = hexadecimal(&line);
    if (*line != '-') return -EINVAL;
    line++;
    uint64_t end = hexadecimal(&line);
    if (end <= user_end && !unmap_all_but_kept(&calls, start, end)) return -E2BIG;
    while (*line && *line++ != '\n')
      ;
  }
  if (calls.used == 0) return -EINVAL;
  uint64_t remainder = (of->capacity - calls.used) * sizeof(struct linux_transition_call);
  struct linux_transition_call *last = &of->calls[calls.used - 1];
  last->skip_zero = last->skip_failure = remainder;
  of->calls[calls.run].skip_zero += remainder;
  return 0;
}

int linux_transition_run(const void *code, const struct linux_transition *work,
                         const struct linux_transition_unmapping *unmapping) {
  long result = list_calls(unmapping);
  if (result < 0) return (int)result;
  // If the code was written and not mapped from a file, the processor may hold older instructions.
  __builtin___clear_cache((char *)code, (char *)code + linux_transition_code_size());
  ((void (*)(const struct linux_transition *))code)(work);
  __builtin_unreachable();
}

_Static_assert(sizeof(struct linux_transition_call) == 96, "exec_transition_*.S steps by 96");
_Static_assert(offsetof(struct linux_transition_call, result) == 88, "exec_transition_*.S");
_Static_assert(offsetof(struct linux_transition_message, text) == 16, "exec_transition_*.S");
_Static_assert(offsetof(struct linux_transition, stack_pointer) == 40, "exec_transition_*.S");
_Static_assert(offsetof(struct linux_transition, last_arguments) == 72, "exec_transition_*.S");
_Static_assert(offsetof(struct linux_transition, features) == 88, "exec_transition_*.S");
_Static_assert(offsetof(struct linux_transition, code_segment) == 96, "exec_transition_*.S");

#endif
