// SPDX-License-Identifier: Apache-2.0

// How the registers of a task hold a system call.

#ifndef CALL_REGISTERS_H
#define CALL_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "linux_trace.h"

#if defined(__x86_64__)

enum { LINUX_CALL_INSTRUCTION_SIZE = 2 };

static inline void linux_set_arguments(linux_registers *r, const uint64_t *a) {
  if (linux_is_32bit(r)) {
    r->rbx = a[0], r->rcx = a[1], r->rdx = a[2], r->rsi = a[3], r->rdi = a[4], r->rbp = a[5];
  } else {
    r->rdi = a[0], r->rsi = a[1], r->rdx = a[2], r->r10 = a[3], r->r8 = a[4], r->r9 = a[5];
  }
}

/// Makes a task that has returned from a system call, and continues `back` bytes behind its instruction, execute that instruction once
/// more: `number` with the arguments `a`. The kernel restarts no call then.
static inline void linux_call_again(linux_registers *r, unsigned back, uint64_t number, const uint64_t *a) {
  r->rip -= back;
  r->rax = number;
  r->orig_rax = (uint64_t)-1;
  linux_set_arguments(r, a);
}

/// At the end of a system call, makes it look as if it had been `number` with the arguments `a`, which a restart then makes.
static inline void linux_end_call(linux_registers *r, int64_t result, uint64_t number, const uint64_t *a) {
  r->rax = (uint64_t)result;
  r->orig_rax = number;
  linux_set_arguments(r, a);
}

static inline int64_t linux_result(const linux_registers *r) {
  return linux_is_32bit(r) ? (int64_t)(int32_t)r->rax : (int64_t)r->rax;
}

#elif defined(__aarch64__)

// When the instruction is executed again, the kernel reads the number and the arguments from the registers. From the entry on, it also
// keeps the first argument where no tracer can change it: a call that it restarts gets that one.
enum { LINUX_CALL_INSTRUCTION_SIZE = 4 };

static inline void linux_set_arguments(linux_registers *r, const uint64_t *a) {
  for (int index = 0; index < 6; index++) r->regs[index] = a[index];
}

static inline void linux_call_again(linux_registers *r, unsigned back, uint64_t number, const uint64_t *a) {
  r->pc -= back;
  r->regs[8] = number;
  linux_set_arguments(r, a);
}

static inline void linux_end_call(linux_registers *r, int64_t result, uint64_t number, const uint64_t *a) {
  linux_set_arguments(r, a);
  r->regs[8] = number;
  r->regs[0] = (uint64_t)result;
}

static inline int64_t linux_result(const linux_registers *r) { return (int64_t)r->regs[0]; }

#else

// Calls are not rewritten on other architectures yet.
enum { LINUX_CALL_INSTRUCTION_SIZE = 4 };

static inline void linux_call_again(linux_registers *r, unsigned back, uint64_t number, const uint64_t *a) {
  (void)r, (void)back, (void)number, (void)a;
}
static inline void linux_end_call(linux_registers *r, int64_t result, uint64_t number, const uint64_t *a) {
  (void)r, (void)result, (void)number, (void)a;
}
static inline int64_t linux_result(const linux_registers *r) { return (void)r, 0; }

#endif

/// Lets a stopped task run to the beginning or end of a system call, with a signal or 0. The corresponding C constant is `PTRACE_SYSCALL`.
int linux_trace_to_call(pid_t pid, int signal);
/// Lets a stopped task go for good, with a signal. The corresponding C constant is `PTRACE_DETACH`.
int linux_trace_detach_with(pid_t pid, int signal);
/// Attaches to a task without stopping it, and distinguishes its stops at system calls from others by bit 7 of the signal. If
/// `suspends_filters` is set, no filter applies to the task while it is attached, as with `linux_trace_suspend_filters`. The corresponding
/// C constants are `PTRACE_SEIZE` and `PTRACE_O_TRACESYSGOOD`.
int linux_trace_seize_for_calls(pid_t pid, bool suspends_filters);

#endif
