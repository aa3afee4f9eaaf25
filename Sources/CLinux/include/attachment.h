// SPDX-License-Identifier: Apache-2.0

// Operations on the threads of a running process, all of which this process traces.

#ifndef CLINUX_ATTACHMENT_H
#define CLINUX_ATTACHMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_trace.h"

/// Writes to the memory of a traced process, also to read-only memory, by one call: a reader finds the bytes of one page either all old or
/// all new. Returns 0 or a negated error number. The corresponding file is /proc/PID/mem.
int linux_overwrite_memory(int process, uint64_t address, const void *bytes, size_t count);

/// The most that `linux_write_call_stub` writes.
enum { LINUX_CALL_STUB_CAPACITY = 256 };

/// Writes code that makes one system call and then continues the stopped thread that has these registers, with `mask` as its signal mask.
/// The thread continues also if its tracer is gone by then.
///
/// If the thread was interrupted in a call, the code makes that call again. It is code of the width that the thread executes, uses no
/// memory but its own and runs at `address`. Returns its size, or 0 if this architecture isn't supported.
size_t linux_write_call_stub(const linux_registers *registers, uint64_t mask, uint64_t address, void *buffer);

/// Makes a stopped thread execute the call `number` by the stub at `stub`.
void linux_start_stub(linux_registers *registers, uint64_t stub, uint64_t number, const uint64_t *arguments);

/// Whether the thread stopped in a system call that the kernel interrupted.
bool linux_is_in_call(const linux_registers *registers);

/// Changes the registers of a thread that stopped in a system call so that it makes that call again.
void linux_repeat_call(linux_registers *registers);

/// Makes the kernel restart a call that ended with EINTR only because of the stop, unless a signal handler is to run. Returns whether it is
/// such a call. The corresponding kernel constant is `ERESTARTNOHAND`.
bool linux_resume_ended_call(linux_registers *registers);

/// The registers of a thread that a signal interrupted, as the signal frame on its stack has them while the handler runs.
struct linux_saved_context {
  /// The address of the saved program counter, a word of the thread's width.
  uint64_t place;
  uint64_t program_counter, stack_pointer;
};

/// Searches 64 KiB of a process's memory from `address` on for contexts with a program counter from `first` until before `end`. Stores the
/// first `capacity` of them and returns how many it has stored. Bytes that only look like a context are left out where they can't be in
/// use. The process's words have 32 bits if it `is_32bit`, else 64.
size_t linux_saved_contexts(int process, bool is_32bit, uint64_t address, uint64_t first, uint64_t end,
                            struct linux_saved_context *found, size_t capacity);

/// The address of a thread's restartable-sequences area, 0 if it has none or the kernel doesn't say. The corresponding C constant is
/// `PTRACE_GET_RSEQ_CONFIGURATION`.
uint64_t linux_rseq_area_of(int thread);

/// Whether system calls of a stopped thread may end in a signal handler of the program's; false if the kernel doesn't say, before Linux 6.4.
/// The corresponding C constants are `PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG` and `PR_SYS_DISPATCH_ON`.
bool linux_dispatches_calls(int thread);

uint64_t linux_program_counter(const linux_registers *registers);
void linux_set_program_counter(linux_registers *registers, uint64_t address);

#endif
