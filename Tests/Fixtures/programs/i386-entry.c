// SPDX-License-Identifier: Apache-2.0

// An i386 program without a libc: prints the registers that the ABI defines at its first instruction, its segments and its floating-point
// state, and exits with its argument count.

#include <stdint.h>

static void write_out(const char *text, uint32_t size) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(4), "b"(1), "c"(text), "d"(size) : "memory");
}

static void print(const char *name, uint32_t value) {
  char line[64];
  uint32_t length = 0;
  while (*name) line[length++] = *name++;
  line[length++] = ' ';
  for (int shift = 28; shift >= 0; shift -= 4) line[length++] = "0123456789abcdef"[value >> shift & 15];
  line[length++] = '\n';
  write_out(line, length);
}

// The registers in the order of the pushes below, the last one first.
struct state {
  uint32_t mxcsr, x87_control, vectors, gs, fs, es, ds, ss, cs, flags, ebp, edi, esi, edx;
  uint32_t argument_count;
};

__attribute__((used, noreturn, regparm(1))) static void record(const struct state *state) {
  print("edx, for atexit:", state->edx);
  print("esi:", state->esi);
  print("edi:", state->edi);
  print("ebp:", state->ebp);
  print("flags:", state->flags & 0xfd7);
  print("cs:", state->cs & 0xffff);
  print("ss:", state->ss & 0xffff);
  print("ds:", state->ds & 0xffff);
  print("es:", state->es & 0xffff);
  print("fs:", state->fs & 0xffff);
  print("gs:", state->gs & 0xffff);
  print("a vector register:", state->vectors);
  print("x87 control word:", state->x87_control & 0xffff);
  print("MXCSR:", state->mxcsr);
  print("stack pointer past 16 bytes:", (uint32_t)&state->argument_count % 16);
  __asm__ volatile("int $0x80" : : "a"(1), "b"(state->argument_count));
  __builtin_unreachable();
}

__asm__(
    ".globl _start\n_start:\n"
    "push %edx\n push %esi\n push %edi\n push %ebp\n pushf\n"
    "push %cs\n push %ss\n push %ds\n push %es\n push %fs\n push %gs\n"
    "push $0\n movd %xmm7, (%esp)\n push $0\n fnstcw (%esp)\n push $0\n stmxcsr (%esp)\n"
    "mov %esp, %eax\n and $-16, %esp\n call record\n");
