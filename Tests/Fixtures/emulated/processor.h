// SPDX-License-Identifier: Apache-2.0

// The differences between the emulated processors: registers, C calling convention, system calls, and the encodings of the instructions
// that the emulator doesn't execute itself.

#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unicorn/unicorn.h>

#include "vdso.h"

typedef enum { ORDINARY, COUNTER_READ, TRAP } instruction_kind_t;

// Numbers of system calls: <asm/unistd.h> of each architecture.
typedef struct {
  int clock_gettime, clock_getres, getcpu, getrandom;
  int identity[VDSO_IDENTITY_COUNT];
} numbers_t;

// Registers have unicorn's numbers. A list ends with 0, which is no register of any processor.
typedef struct {
  const char *name;
  uc_arch arch;
  uc_mode mode;
  int bits;
  int pc, sp, link, result;  // link: the return address, 0 if it is on the stack
  int arguments[6];          // none on i386: all on the stack
  int trap_number, trap_arguments[4];
  int counter_low, counter_high, counter_extra;  // where the counter goes, unless the instruction says it
  int saved[28];                                 // a call leaves these as they are
  int scratch[28];                               // a call may change these
  int trap_scratch[3];                           // and a trap these
  uint32_t counters[2];                          // VDSO_COUNTER_*
  int never_traps;                               // the page says ENOSYS where others trap
  numbers_t numbers;
} processor_t;

#define R(name) UC_X86_REG_##name
#define A(name) UC_ARM64_REG_X##name
#define V(name) UC_RISCV_REG_##name

#define I386                                                                                                        \
  .arch = UC_ARCH_X86, .mode = UC_MODE_32, .bits = 32, .pc = R(EIP), .sp = R(ESP), .result = R(EAX),                \
  .trap_number = R(EAX), .trap_arguments = {R(EBX), R(ECX), R(EDX)}, .counter_low = R(EAX), .counter_high = R(EDX), \
  .counter_extra = R(ECX), .saved = {R(EBX), R(ESI), R(EDI), R(EBP)}, .scratch = {R(EAX), R(ECX), R(EDX)},          \
  .counters = {VDSO_COUNTER_LFENCE_RDTSC, VDSO_COUNTER_RDTSCP},                                                     \
  .numbers = {403, 266, 318, 355, {20, 64, 199, 201, 200, 202}}

static const processor_t processors[] = {
    {.name = "i386", I386},
    {.name = "i386-mach", I386, .never_traps = 1},
    {.name = "x86_64",
     .arch = UC_ARCH_X86,
     .mode = UC_MODE_64,
     .bits = 64,
     .pc = R(RIP),
     .sp = R(RSP),
     .result = R(RAX),
     .arguments = {R(RDI), R(RSI), R(RDX), R(RCX), R(R8), R(R9)},
     .trap_number = R(RAX),
     .trap_arguments = {R(RDI), R(RSI), R(RDX)},
     .trap_scratch = {R(RCX), R(R11)},
     .counter_low = R(RAX),
     .counter_high = R(RDX),
     .counter_extra = R(RCX),
     .saved = {R(RBX), R(RBP), R(R12), R(R13), R(R14), R(R15)},
     .scratch = {R(RAX), R(RCX), R(RDX), R(RSI), R(RDI), R(R8), R(R9), R(R10), R(R11)},
     .counters = {VDSO_COUNTER_LFENCE_RDTSC, VDSO_COUNTER_RDTSCP},
     .numbers = {228, 229, 309, 318, {39, 110, 102, 107, 104, 108}}},
    // x18 is the platform register: a program with a shadow call stack keeps that stack's address there.
    {.name = "aarch64",
     .arch = UC_ARCH_ARM64,
     .mode = UC_MODE_ARM,
     .bits = 64,
     .pc = UC_ARM64_REG_PC,
     .sp = UC_ARM64_REG_SP,
     .link = A(30),
     .result = A(0),
     .arguments = {A(0), A(1), A(2), A(3), A(4), A(5)},
     .trap_number = A(8),
     .trap_arguments = {A(0), A(1), A(2)},
     .saved = {A(19), A(20), A(21), A(22), A(23), A(24), A(25), A(26), A(27), A(28), A(29), A(18)},
     .scratch = {A(0), A(1), A(2), A(3), A(4), A(5), A(6), A(7), A(8), A(9), A(10), A(11), A(12), A(13), A(14), A(15),
                 A(16), A(17)},
     .counters = {VDSO_COUNTER_CNTVCT, VDSO_COUNTER_CNTVCTSS},
     .numbers = {113, 114, 168, 278, {172, 173, 174, 175, 176, 177}}},
    {.name = "riscv64",
     .arch = UC_ARCH_RISCV,
     .mode = UC_MODE_RISCV64,
     .bits = 64,
     .pc = V(PC),
     .sp = V(SP),
     .link = V(RA),
     .result = V(A0),
     .arguments = {V(A0), V(A1), V(A2), V(A3), V(A4), V(A5)},
     .trap_number = V(A7),
     .trap_arguments = {V(A0), V(A1), V(A2)},
     .saved = {V(S0), V(S1), V(S2), V(S3), V(S4), V(S5), V(S6), V(S7), V(S8), V(S9), V(S10), V(S11), V(GP), V(TP)},
     .scratch = {V(A0), V(A1), V(A2), V(A3), V(A4), V(A5), V(A6), V(A7), V(T0), V(T1), V(T2), V(T3), V(T4), V(T5),
                 V(T6)},
     .counters = {VDSO_COUNTER_RDTIME, VDSO_COUNTER_RDTIME},
     .numbers = {113, 114, 168, 278, {172, 173, 174, 175, 176, 177}}},
};

#undef I386
#undef R
#undef A
#undef V

static inline const processor_t *find_processor(const char *name) {
  for (size_t i = 0; i < sizeof processors / sizeof *processors; i++)
    if (strcmp(processors[i].name, name) == 0) return &processors[i];
  return NULL;
}

static inline uint32_t slot_offset(const processor_t *p, int id) {
  return p->bits == 32 ? VDSO_SLOT_OFFSET_I386(id) : VDSO_SLOT_OFFSET_64(id);
}

static inline uint32_t host_offset(const processor_t *p) {
  return p->bits == 32 ? VDSO_HOST_OFFSET_I386 : VDSO_HOST_OFFSET_64;
}

static inline uint32_t word_at(const uint8_t *code) {
  uint32_t word;
  memcpy(&word, code, 4);
  return word;
}

// Decodes the instruction at `code`. Its size is stored in `size`, and in `target` the register that receives the counter, or 0 for the
// processor's own one.
static inline instruction_kind_t decode(const processor_t *p, const uint8_t *code, int *size, int *target) {
  uint32_t word = word_at(code);
  *size = 4, *target = 0;
  switch (p->arch) {
    case UC_ARCH_X86:
      *size = 2;
      if ((word & 0xffff) == 0x310f) return COUNTER_READ;                     // rdtsc
      if ((word & 0xffff) == (p->bits == 32 ? 0x80cd : 0x050f)) return TRAP;  // int $0x80, syscall
      *size = 3;
      return (word & 0xffffff) == 0xf9010f ? COUNTER_READ : ORDINARY;  // rdtscp
    case UC_ARCH_ARM64:
      if (word == 0xd4000001) return TRAP;  // svc #0
      *target = (word & 31) < 29 ? UC_ARM64_REG_X0 + (int)(word & 31) : UC_ARM64_REG_X29;
      word &= ~31u;
      return word == 0xd53be040 || word == 0xd53be0c0 ? COUNTER_READ : ORDINARY;  // mrs cntvct_el0, cntvctss_el0
    default:
      if (word == 0x00000073) return TRAP;  // ecall
      *target = UC_RISCV_REG_X0 + (int)(word >> 7 & 31);
      return (word & ~(31u << 7)) == 0xc0102073 ? COUNTER_READ : ORDINARY;  // rdtime
  }
}

#endif
