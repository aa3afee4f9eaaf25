// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "call_registers.h"
#include "linux_trace.h"

#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <system_call.h>

// The C libraries' ptrace has different types.
static int request(int kind, pid_t pid, uint64_t address, uint64_t data) {
  long result = linux_syscall(SYS_ptrace, kind, pid, (long)address, (long)data, 0, 0);
  return result < 0 ? (int)result : 0;
}

int linux_trace_seize(pid_t pid) { return request(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXEC); }

int linux_trace_suspend_filters(pid_t pid) {
  return request(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_SUSPEND_SECCOMP);
}

int linux_trace_has_filter(pid_t pid, uint64_t index) {
  struct {
    uint64_t index, flags;
  } metadata = {index, 0};
  // PTRACE_SECCOMP_GET_METADATA
  int result = request(0x420d, pid, sizeof metadata, (uintptr_t)&metadata);
  return result == 0 ? 1 : result == -ENOENT ? 0 : result;
}

int linux_trace_interrupt(pid_t pid) { return request(PTRACE_INTERRUPT, pid, 0, 0); }

int linux_trace_continue(pid_t pid, int signal) { return request(PTRACE_CONT, pid, 0, (uint64_t)signal); }

int linux_trace_listen(pid_t pid) { return request(PTRACE_LISTEN, pid, 0, 0); }

int linux_trace_registers(pid_t pid, linux_registers *registers) {
#if defined(__x86_64__)
  // PTRACE_GETREGS returns all 64-bit registers of a 32-bit task; PTRACE_GETREGSET would return the 32-bit ones.
  return request(PTRACE_GETREGS, pid, 0, (uintptr_t)registers);
#else
  struct iovec range = {registers, sizeof *registers};
  int result = request(PTRACE_GETREGSET, pid, NT_PRSTATUS, (uintptr_t)&range);
  if (result == 0 && range.iov_len < sizeof *registers) linux_widen_registers(registers);
  return result;
#endif
}

int linux_trace_set_registers(pid_t pid, const linux_registers *registers) {
#if defined(__x86_64__)
  return request(PTRACE_SETREGS, pid, 0, (uintptr_t)registers);
#else
  struct iovec range = {(void *)registers, sizeof *registers};
  return request(PTRACE_SETREGSET, pid, NT_PRSTATUS, (uintptr_t)&range);
#endif
}

int linux_trace_signal_mask(pid_t pid, uint64_t *mask) {
  return request(PTRACE_GETSIGMASK, pid, sizeof *mask, (uintptr_t)mask);
}

int linux_trace_set_signal_mask(pid_t pid, uint64_t mask) {
  return request(PTRACE_SETSIGMASK, pid, sizeof mask, (uintptr_t)&mask);
}

int linux_trace_write_word(pid_t pid, uint64_t address, uint64_t word) {
  return request(PTRACE_POKETEXT, pid, address, word);
}

int linux_trace_to_call(pid_t pid, int signal) { return request(PTRACE_SYSCALL, pid, 0, (uint64_t)signal); }

int linux_trace_detach_with(pid_t pid, int signal) { return request(PTRACE_DETACH, pid, 0, (uint64_t)signal); }

int linux_trace_seize_for_calls(pid_t pid, bool suspends_filters) {
  return request(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | (suspends_filters ? PTRACE_O_SUSPEND_SECCOMP : 0));
}
