// SPDX-License-Identifier: Apache-2.0

// Records the state of a static program at its first instruction, before its libc sets things up. The linker's option `-Wl,-e,start_entry`
// makes `start_entry` that instruction, which then continues with libc's `_start`.

#ifndef START_ENTRY_H
#define START_ENTRY_H

#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>

static struct {
  uint64_t registers[16];  // rax rbx rcx rdx rsi rdi rbp rsp r8 … r15
  uint64_t flags;
  uint16_t segments[6];  // cs ss ds es fs gs
  uint16_t x87_control;
  uint32_t mxcsr;
  unsigned char vectors[16 * 16];
  uint64_t fs_base, gs_base;
  uint64_t robust_list, clear_child_tid;
  long rseq_registered;
} entry_state __attribute__((used));

__attribute__((always_inline)) static inline long entry_call(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
}

static char entry_rseq_area[32] __attribute__((aligned(32)));

// This runs before libc: it has no thread pointer and no relocations.
__attribute__((used)) static void entry_record(void) {
  uint64_t size;
  entry_call(SYS_arch_prctl, 0x1003 /* ARCH_GET_FS */, (long)&entry_state.fs_base, 0, 0);
  entry_call(SYS_arch_prctl, 0x1004 /* ARCH_GET_GS */, (long)&entry_state.gs_base, 0, 0);
  entry_call(SYS_get_robust_list, 0, (long)&entry_state.robust_list, (long)&size, 0);
  entry_call(SYS_prctl, 40 /* PR_GET_TID_ADDRESS */, (long)&entry_state.clear_child_tid, 0, 0);
  // A second registration is refused.
  entry_state.rseq_registered = entry_call(SYS_rseq, (long)entry_rseq_area, 32, 0, 0x53053053) != 0;
  if (!entry_state.rseq_registered) entry_call(SYS_rseq, (long)entry_rseq_area, 32, 1, 0x53053053);
}

__asm__(
    ".text\n.globl start_entry\nstart_entry:\n"
    "mov %rax, entry_state+0\n mov %rbx, entry_state+8\n mov %rcx, entry_state+16\n mov %rdx, entry_state+24\n"
    "mov %rsi, entry_state+32\n mov %rdi, entry_state+40\n mov %rbp, entry_state+48\n mov %rsp, entry_state+56\n"
    "mov %r8, entry_state+64\n mov %r9, entry_state+72\n mov %r10, entry_state+80\n mov %r11, entry_state+88\n"
    "mov %r12, entry_state+96\n mov %r13, entry_state+104\n mov %r14, entry_state+112\n mov %r15, entry_state+120\n"
    "pushfq\n popq entry_state+128\n"
    "mov %cs, entry_state+136\n mov %ss, entry_state+138\n mov %ds, entry_state+140\n"
    "mov %es, entry_state+142\n mov %fs, entry_state+144\n mov %gs, entry_state+146\n"
    "fnstcw entry_state+148\n stmxcsr entry_state+152\n"
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
    "movups %xmm\\n, entry_state+156+16*\\n\n"
    ".endr\n"
    "call entry_record\n"
    "mov entry_state+24, %rdx\n"
    "xor %ebp, %ebp\n"
    "jmp _start\n");

// The registers, in the order above, that a system call with two arguments takes or changes.
#define MADE_BY_SYSTEM_CALL (1 << 2 | 1 << 4 | 1 << 5 | 1 << 11)

static void print_registers(void) {
  printf("general registers: ");
  for (int i = 0; i < 16; i++)
    if (i != 7 && !(MADE_BY_SYSTEM_CALL >> i & 1)) printf("%lx ", entry_state.registers[i]);
  printf("\nregisters of a system call:");
  for (int i = 0; i < 16; i++)
    if (MADE_BY_SYSTEM_CALL >> i & 1) printf(" %lx", entry_state.registers[i]);
  printf("\nstack pointer: %lu past a multiple of 16\n", entry_state.registers[7] % 16);
  printf("flags: %lx\n", entry_state.flags & 0xfd7);
  printf("segment registers: %x %x %x %x %x %x\n", entry_state.segments[0], entry_state.segments[1],
         entry_state.segments[2], entry_state.segments[3], entry_state.segments[4], entry_state.segments[5]);
  printf("thread pointers FS and GS: %lx %lx\n", entry_state.fs_base, entry_state.gs_base);
  printf("x87 control word: %x\n", entry_state.x87_control);
  printf("MXCSR: %x\n", entry_state.mxcsr);
}

#endif
