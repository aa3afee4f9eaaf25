// SPDX-License-Identifier: Apache-2.0

// The same as start-entry.h for AArch64.

#ifndef START_ENTRY_AARCH64_H
#define START_ENTRY_AARCH64_H

#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>

static struct {
  uint64_t registers[32];  // x0 to x30, sp
  uint64_t flags, fpcr, fpsr, thread_pointer;
  unsigned char vectors[32 * 16];
  uint64_t robust_list, clear_child_tid;
  long rseq_registered;
  // The mode of tagged addresses, the enabled keys and the vector lengths, if the processor has these.
  long tags, keys, sve, sme;
} entry_state __attribute__((used, aligned(16)));

__attribute__((always_inline)) static inline long entry_call(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
                   x3 __asm__("x3") = d, x4 __asm__("x4") = 0;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

static char entry_rseq_area[32] __attribute__((aligned(32)));

// This runs before libc: it has no thread pointer and no relocations.
__attribute__((used)) static void entry_record(void) {
  uint64_t size;
  entry_call(SYS_get_robust_list, 0, (long)&entry_state.robust_list, (long)&size, 0);
  entry_call(SYS_prctl, 40 /* PR_GET_TID_ADDRESS */, (long)&entry_state.clear_child_tid, 0, 0);
  entry_state.tags = entry_call(SYS_prctl, 56 /* PR_GET_TAGGED_ADDR_CTRL */, 0, 0, 0);
  entry_state.keys = entry_call(SYS_prctl, 61 /* PR_PAC_GET_ENABLED_KEYS */, 0, 0, 0);
  entry_state.sve = entry_call(SYS_prctl, 51 /* PR_SVE_GET_VL */, 0, 0, 0);
  entry_state.sme = entry_call(SYS_prctl, 64 /* PR_SME_GET_VL */, 0, 0, 0);
  // A second registration is refused.
  entry_state.rseq_registered = entry_call(SYS_rseq, (long)entry_rseq_area, 32, 0, 0xd428bc00) != 0;
  if (!entry_state.rseq_registered) entry_call(SYS_rseq, (long)entry_rseq_area, 32, 1, 0xd428bc00);
}

// x28 and x27 serve as pointers after they have been kept.
__asm__(
    ".text\n.globl start_entry\nstart_entry:\n"
    "stp x27, x28, [sp, #-32]!\n"
    "adrp x28, entry_state\n add x28, x28, :lo12:entry_state\n"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,29,30\n"
    "str x\\n, [x28, #8 * \\n]\n"
    ".endr\n"
    "ldp x1, x2, [sp], #32\n stp x1, x2, [x28, #8 * 27]\n"
    "mov x1, sp\n str x1, [x28, #8 * 31]\n"
    "mrs x1, nzcv\n mrs x2, fpcr\n stp x1, x2, [x28, #256]\n"
    "mrs x1, fpsr\n mrs x2, tpidr_el0\n stp x1, x2, [x28, #272]\n"
    "add x27, x28, #288\n"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    "str q\\n, [x27, #16 * \\n]\n"
    ".endr\n"
    "bl entry_record\n"
    "ldr x0, [x28]\n mov x29, #0\n mov x30, #0\n"
    "b _start\n");

// The registers of a last system call with two arguments, of its address and of its return address.
#define MADE_BY_SYSTEM_CALL (1 << 1 | 1 << 8 | 1 << 16 | 1 << 30)

static void print_registers(void) {
  printf("general registers: ");
  for (int i = 0; i < 31; i++)
    if (!(MADE_BY_SYSTEM_CALL >> i & 1)) printf("%lx ", (long)entry_state.registers[i]);
  printf("\nstack pointer: %lu past a multiple of 16\n", (long)entry_state.registers[31] % 16);
  printf("flags: %lx\n", (long)entry_state.flags);
  printf("thread pointer: %lx\n", (long)entry_state.thread_pointer);
  printf("tagged addresses: %lx\n", entry_state.tags);
  printf("enabled authentication keys: %lx\n", entry_state.keys);
  printf("vector lengths: %lx %lx\n", entry_state.sve, entry_state.sme);
  printf("FPCR and FPSR: %lx %lx\n", (long)entry_state.fpcr, (long)entry_state.fpsr);
}

#endif
