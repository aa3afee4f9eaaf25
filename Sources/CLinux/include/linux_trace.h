// SPDX-License-Identifier: Apache-2.0

// Tracing of tasks. Each function returns 0, or a negated error number; `pid` is a thread's id.

#ifndef LINUX_TRACE_H
#define LINUX_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#if defined(__x86_64__)

/// The general registers of a stopped task, 64-bit or not.
typedef struct user_regs_struct linux_registers;

static inline uint64_t linux_stack_pointer(const linux_registers *r) { return r->rsp; }
/// Whether the task executes 32-bit code, by its code segment.
static inline bool linux_is_32bit(const linux_registers *r) { return r->cs == 0x23; }

#elif defined(__aarch64__)

typedef struct user_regs_struct linux_registers;

static inline uint64_t linux_stack_pointer(const linux_registers *r) { return r->sp; }
static inline bool linux_is_32bit(const linux_registers *r) { return (r->pstate & 0x10) != 0; }
/// Moves a 32-bit task's registers r0 to r15 and its status from where the kernel stores them to where a 64-bit task has them.
static inline void linux_widen_registers(linux_registers *r) {
  uint32_t narrow[17];
  __builtin_memcpy(narrow, r, sizeof narrow);
  for (int index = 0; index < 31; index++) r->regs[index] = index < 15 ? narrow[index] : 0;
  r->sp = narrow[13], r->pc = narrow[15], r->pstate = narrow[16];
}

#elif defined(__riscv) && __riscv_xlen == 64

#include <asm/ptrace.h>
typedef struct user_regs_struct linux_registers;

static inline uint64_t linux_stack_pointer(const linux_registers *r) { return r->sp; }
static inline bool linux_is_32bit(const linux_registers *r) { return (void)r, false; }
static inline void linux_widen_registers(linux_registers *r) { (void)r; }

#else
#error "linux_registers is not written for this architecture"
#endif

/// Attaches to a task without stopping it; it stops when an execve succeeds. The corresponding C constants are
/// `PTRACE_SEIZE` and `PTRACE_O_TRACEEXEC`.
int linux_trace_seize(pid_t pid);
/// Whether the stopped task has at least `index` + 1 filters on system calls (index 0 is the oldest): 1 or 0. `-errno` if this process may
/// not ask: it needs CAP_SYS_ADMIN and must be under no filter. The corresponding C constant is `PTRACE_SECCOMP_GET_METADATA`.
int linux_trace_has_filter(pid_t pid, uint64_t index);
/// Suspends the system call filters of the stopped task while it is traced. The caller needs CAP_SYS_ADMIN and must be under no filter. The
/// corresponding C constant is `PTRACE_O_SUSPEND_SECCOMP`.
int linux_trace_suspend_filters(pid_t pid);
/// Stops the task when it next returns to user mode. The corresponding C constant is `PTRACE_INTERRUPT`.
int linux_trace_interrupt(pid_t pid);
/// Lets a stopped task run, with a signal or 0. The corresponding C constant is `PTRACE_CONT`.
int linux_trace_continue(pid_t pid, int signal);
/// Leaves a task in its group stop, but reports its end. The corresponding C constant is `PTRACE_LISTEN`.
int linux_trace_listen(pid_t pid);
int linux_trace_registers(pid_t pid, linux_registers *registers);
int linux_trace_set_registers(pid_t pid, const linux_registers *registers);
/// The blocked signals, bit 0 for signal 1. The corresponding C constant is `PTRACE_GETSIGMASK`.
int linux_trace_signal_mask(pid_t pid, uint64_t *mask);
int linux_trace_set_signal_mask(pid_t pid, uint64_t mask);
/// Writes one word, also into read-only memory. The corresponding C constant is `PTRACE_POKETEXT`.
int linux_trace_write_word(pid_t pid, uint64_t address, uint64_t word);

#endif
