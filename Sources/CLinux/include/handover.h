// The end of a user-space execve: position-independent code that runs a list of system calls, copies an initial stack
// to its place and enters a program, when nothing of the process that it runs in is left.

#ifndef CLINUX_HANDOVER_H
#define CLINUX_HANDOVER_H

#include <stddef.h>
#include <stdint.h>

/// One system call of the list. A failed call with `fatal` set writes the message and ends the process.
struct linux_handover_call {
  uint64_t number;
  uint64_t arguments[6];
  uint64_t fatal;
};

/// What the code works through. Every address in it stays mapped until the last step.
struct linux_handover {
  uint64_t calls;         // struct linux_handover_call[call_count]
  uint64_t call_count;
  uint64_t stack_source;  // the stack image, copied after the last call
  uint64_t stack_destination;
  uint64_t stack_size;
  uint64_t stack_pointer;  // at entry; the word below it is overwritten
  uint64_t entry;          // the program's first instruction
  uint64_t jump;           // `syscall; ret` in memory that stays mapped, or the `ret` of the copied code
  uint64_t last_call;      // number, first and second argument of the call made there
  uint64_t last_arguments[2];
  uint64_t message;  // written to standard error when a fatal call fails
  uint64_t message_size;  // the upper half is overwritten
  uint64_t code_segment;  // of an i386 program, whose `jump` is `int $0x80; ret`; 0 of a 64-bit one
};

/// The code, for copying: `linux_handover_code_size()` bytes that must start a page.
const void *linux_handover_code(void);
size_t linux_handover_code_size(void);

/// Where the code holds a bare `ret`, as an offset.
size_t linux_handover_return_offset(void);

/// Runs a copy of the code. Does not come back.
__attribute__((noreturn)) void linux_handover_run(const void *code, const struct linux_handover *work);

#endif
