// SPDX-License-Identifier: Apache-2.0

// The end of a user-space execve: position-independent code that runs a list of system calls, copies an initial stack
// to its place and enters a program, when nothing of the process that it runs in is left.

#ifndef CLINUX_EXEC_TRANSITION_H
#define CLINUX_EXEC_TRANSITION_H

#include <stddef.h>
#include <stdint.h>

/// The message that is written to standard error when a call fails: the text, the error number, and the end of the line.
///
/// Eight bytes behind the text are overwritten.
struct linux_transition_message {
  uint64_t size;
  uint64_t is_fatal;  // the process ends with exit status 126
  char text[];
};

/// One system call of the list. `skip_…` is the number of bytes of the list that are skipped after the call, depending on its result.
struct linux_transition_call {
  uint64_t number;
  uint64_t arguments[6];
  uint64_t message;  // address of a struct linux_transition_message, or 0: failure is as good as success
  uint64_t skip_zero;
  uint64_t skip_positive;
  uint64_t skip_failure;
  uint64_t result;  // address of a word that takes a result that isn't negative, or 0
};

/// The input of the code. Every address in it stays mapped until the last step.
struct linux_transition {
  uint64_t calls;  // struct linux_transition_call[]
  uint64_t calls_end;
  uint64_t stack_source;  // the stack image, copied after the last call
  uint64_t stack_destination;
  uint64_t stack_size;
  uint64_t stack_pointer;  // at entry; the word below it is overwritten
  uint64_t entry;          // the program's first instruction
  uint64_t jump;  // a system call's instruction and `ret` in memory that stays mapped, or the `ret` of the copied code
  uint64_t last_call;  // number, first and second argument of the call made there
  uint64_t last_arguments[2];
  // Of AArch64: bit 0, SME. Of x86_64: bit 0, this process may have used registers that FXRSTOR doesn't reset; the upper half and the next
  // field are overwritten by a far jump.
  uint64_t features;
  uint64_t code_segment;  // of an i386 program, whose `jump` is `int $0x80; ret`; 0 of a 64-bit one
};

/// The code, for copying: `linux_transition_code_size()` bytes that must start a page.
const void *linux_transition_code(void);
size_t linux_transition_code_size(void);

/// Where the code holds a bare `ret`, as an offset.
size_t linux_transition_return_offset(void);

struct linux_transition_range {
  uint64_t start, end;
};

/// The calls that unmap everything of this process except what is kept. Parts of mappings that touch each other get one `munmap`, and, if
/// that fails, one each: a sealed mapping, which can't be unmapped, doesn't keep others mapped.
struct linux_transition_unmapping {
  const struct linux_transition_range *kept;  // in rising order, no two touching
  size_t kept_count;
  struct linux_transition_call *calls;  // where they go: the remainder is skipped
  size_t capacity;
  char *text;  // for /proc/self/maps
  size_t text_size;
};

/// Lists the mappings and runs a copy of the code. Returns only if the mappings can't be listed, with a negated error number, and then
/// nothing has changed. It allocates nothing after it has listed them.
int linux_transition_run(const void *code, const struct linux_transition *work,
                         const struct linux_transition_unmapping *unmapping);

#endif
