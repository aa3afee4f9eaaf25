// SPDX-License-Identifier: Apache-2.0

#if defined(__x86_64__)

#include <asm/sigcontext.h>
#include <string.h>

#include "injected_calls.h"

// The frames that rt_sigreturn reads, from the word before the stack pointer on, which holds the list's end. They have no space for vector
// registers, so these get the values that a new program has.

// The values of <asm/ucontext.h> and <signal.h>. Those headers contradict <asm/sigcontext.h>, so they can't be included.
enum { UC_SIGCONTEXT_SS = 2, UC_STRICT_RESTORE_SS = 4, SS_DISABLE = 2 };

struct resume_64 {
  uint64_t end;
  uint64_t flags, link;
  struct {
    uint64_t address;
    int32_t flags;
    uint64_t size;
  } stack;
  struct sigcontext_64 context;
  uint64_t mask;
};

struct resume_32 {
  uint32_t end;
  uint32_t signal, information_address, context_address;
  uint8_t information[128];
  uint32_t flags, link;
  struct {
    uint32_t address;
    int32_t flags;
    uint32_t size;
  } stack;
  struct sigcontext_32 context;
  uint32_t mask[2];
};

_Static_assert(sizeof(struct resume_64) == 8 + 40 + 256 + 8, "rt_sigframe");
_Static_assert(sizeof(struct resume_32) == 16 + 128 + 20 + 88 + 8, "rt_sigframe_ia32");
_Static_assert(sizeof(struct resume_64) <= LINUX_RESUME_CAPACITY, "LINUX_RESUME_CAPACITY");

static size_t write_64(const linux_registers *r, uint64_t mask, void *buffer) {
  struct resume_64 resume = {
      .end = UINT64_MAX,
      // The frame states the stack segment, and the kernel must use it.
      .flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
      .stack = {.flags = SS_DISABLE},
      .context = {.r8 = r->r8,
                  .r9 = r->r9,
                  .r10 = r->r10,
                  .r11 = r->r11,
                  .r12 = r->r12,
                  .r13 = r->r13,
                  .r14 = r->r14,
                  .r15 = r->r15,
                  .di = r->rdi,
                  .si = r->rsi,
                  .bp = r->rbp,
                  .bx = r->rbx,
                  .dx = r->rdx,
                  .cx = r->rcx,
                  .sp = r->rsp,
                  .ip = r->rip,
                  .flags = r->eflags,
                  .cs = (uint16_t)r->cs,
                  .ss = (uint16_t)r->ss},
      .mask = mask,
  };
  memcpy(buffer, &resume, sizeof resume);
  return sizeof resume;
}

static size_t write_32(const linux_registers *r, uint64_t mask, void *buffer) {
  struct resume_32 resume = {
      .end = UINT32_MAX,
      .stack = {.flags = SS_DISABLE},
      .context = {.gs = (uint16_t)r->gs,
                  .fs = (uint16_t)r->fs,
                  .es = (uint16_t)r->es,
                  .ds = (uint16_t)r->ds,
                  .di = (uint32_t)r->rdi,
                  .si = (uint32_t)r->rsi,
                  .bp = (uint32_t)r->rbp,
                  .sp = (uint32_t)r->rsp,
                  .bx = (uint32_t)r->rbx,
                  .dx = (uint32_t)r->rdx,
                  .cx = (uint32_t)r->rcx,
                  .ip = (uint32_t)r->rip,
                  .cs = (uint16_t)r->cs,
                  .flags = (uint32_t)r->eflags,
                  .ss = (uint16_t)r->ss},
      .mask = {(uint32_t)mask, (uint32_t)(mask >> 32)},
  };
  memcpy(buffer, &resume, sizeof resume);
  return sizeof resume;
}

size_t linux_write_resume(const linux_registers *registers, uint64_t mask, uint64_t address, void *buffer) {
  (void)address;
  return linux_is_32bit(registers) ? write_32(registers, mask, buffer) : write_64(registers, mask, buffer);
}

void linux_start_injected_calls(linux_registers *r, uint64_t code, uint64_t list) {
  r->rip = code;
  r->rsp = list;
  // This value marks a task that is in no system call, so the kernel restarts none.
  r->orig_rax = UINT64_MAX;
}

void linux_end_injected_calls(linux_registers *r) {
  // This value marks a task that is in no system call, so the kernel restarts none.
  r->orig_rax = UINT64_MAX;
  r->rax = 0;
}

uint64_t linux_injected_calls_position(const linux_registers *r) { return r->rsp; }

extern const char linux_injected_calls_start[], linux_injected_calls_end[], linux_injected_calls_start_32[],
    linux_injected_calls_end_32[];

const void *linux_injected_calls_code(bool is_32bit) {
  return is_32bit ? linux_injected_calls_start_32 : linux_injected_calls_start;
}

size_t linux_injected_calls_code_size(bool is_32bit) {
  return (size_t)(is_32bit ? linux_injected_calls_end_32 - linux_injected_calls_start_32
                           : linux_injected_calls_end - linux_injected_calls_start);
}

#endif
