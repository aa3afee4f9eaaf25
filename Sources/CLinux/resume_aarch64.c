// SPDX-License-Identifier: Apache-2.0

#if defined(__aarch64__)

#define _GNU_SOURCE
#include <asm/sigcontext.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "injected_calls.h"

// The frame that rt_sigreturn reads at the stack pointer.
struct frame {
  siginfo_t information;
  ucontext_t context;
};

_Static_assert(sizeof(struct frame) + 32 <= LINUX_RESUME_CAPACITY, "LINUX_RESUME_CAPACITY");

size_t linux_write_resume(const linux_registers *registers, uint64_t mask, uint64_t address, void *buffer) {
  static const uint64_t end = UINT64_MAX;
  // The code takes the next multiple of 16 behind the end.
  size_t offset = (size_t)(((address + sizeof end + 15) & ~(uint64_t)15) - address);
  memset(buffer, 0, offset + sizeof(struct frame));
  memcpy(buffer, &end, sizeof end);
  struct frame *frame = (struct frame *)((char *)buffer + offset);
  frame->context.uc_stack.ss_flags = SS_DISABLE;
  memcpy(&frame->context.uc_sigmask, &mask, sizeof mask);
  mcontext_t *machine = &frame->context.uc_mcontext;
  memcpy(machine->regs, registers->regs, sizeof machine->regs);
  machine->regs[0] = 0;
  machine->sp = registers->sp;
  machine->pc = registers->pc;
  machine->pstate = registers->pstate;
  // The record is required: it is all zero, as in a new program, and a null header ends it.
  struct fpsimd_context *vectors = (struct fpsimd_context *)machine->__reserved;
  vectors->head.magic = FPSIMD_MAGIC;
  vectors->head.size = sizeof *vectors;
  return offset + sizeof(struct frame);
}

void linux_start_injected_calls(linux_registers *r, uint64_t code, uint64_t list) {
  r->pc = code;
  r->regs[19] = list;
}

void linux_end_injected_calls(linux_registers *r) { r->regs[0] = 0; }

uint64_t linux_injected_calls_position(const linux_registers *r) { return r->regs[19]; }

extern const char linux_injected_calls_start[], linux_injected_calls_end[];

const void *linux_injected_calls_code(bool is_32bit) { return is_32bit ? NULL : linux_injected_calls_start; }

size_t linux_injected_calls_code_size(bool is_32bit) {
  return is_32bit ? 0 : (size_t)(linux_injected_calls_end - linux_injected_calls_start);
}

#endif
