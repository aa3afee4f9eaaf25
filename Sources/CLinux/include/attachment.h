// SPDX-License-Identifier: Apache-2.0

// What is done to the threads of a running process, all of which this process traces.

#ifndef CLINUX_ATTACHMENT_H
#define CLINUX_ATTACHMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_trace.h"

/// Has this thread run before all others that aren't as urgent, or not any more, where that is allowed. The corresponding C constant is
/// `SCHED_FIFO`.
void linux_be_urgent(bool is_urgent);

/// Writes to the memory of a traced process, read-only memory too, by one call: readers find all bytes of one page before or after.
/// Returns 0 or a negated error number. The corresponding file is /proc/PID/mem.
int linux_overwrite_memory(int process, uint64_t address, const void *bytes, size_t count);

/// The most that `linux_write_call_stub` writes.
enum { LINUX_CALL_STUB_CAPACITY = 256 };

/// Writes code that makes one system call and then continues the stopped thread whose registers these are, with `mask` as its signal
/// mask: for a thread that a tracer has make calls, and that must go on if that tracer is gone.
///
/// A call in which the thread was interrupted is made again. The code uses no memory but its own and runs at any address. Returns its
/// size, or 0 if it isn't written for this architecture.
size_t linux_write_call_stub(const linux_registers *registers, uint64_t mask, void *buffer);

/// Has a stopped thread make the call `number` by the stub at `stub`.
void linux_start_stub(linux_registers *registers, uint64_t stub, uint64_t number, const uint64_t *arguments);

/// Whether the thread stopped in a system call that the kernel interrupted.
bool linux_is_in_call(const linux_registers *registers);

/// Makes registers of a thread that stopped in a system call those by which it makes that call again.
void linux_repeat_call(linux_registers *registers);

/// Has the kernel make again a call that the stop alone has ended with EINTR, unless a signal's handler is to run. Returns whether it is
/// such a call. The corresponding kernel constant is `ERESTARTNOHAND`.
bool linux_resume_ended_call(linux_registers *registers);

/// Where a thread was when a signal interrupted it, as its stack has it while the handler runs.
struct linux_saved_context {
  /// The address of the saved program counter.
  uint64_t place;
  uint64_t program_counter, stack_pointer;
};

/// Stores the first `capacity` contexts that 64 KiB of a process's memory from `address` on hold, with a program counter from `first`
/// until before `end`, and returns how many it has stored. What only looks like one is in no use.
size_t linux_saved_contexts(int process, uint64_t address, uint64_t first, uint64_t end,
                            struct linux_saved_context *found, size_t capacity);

/// Whether `count` bytes of a process's memory from `address` on have a word from `first` until before `end`, as a return address is.
bool linux_has_word_in_range(int process, uint64_t address, size_t count, uint64_t first, uint64_t end);

/// The address of a thread's restartable-sequences area, 0 if it has none or the kernel doesn't say. The corresponding C constant is
/// `PTRACE_GET_RSEQ_CONFIGURATION`.
uint64_t linux_rseq_area_of(int thread);

uint64_t linux_program_counter(const linux_registers *registers);
void linux_set_program_counter(linux_registers *registers, uint64_t address);

#endif
