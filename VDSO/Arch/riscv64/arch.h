// SPDX-License-Identifier: Apache-2.0

// RISC-V 64: the trap, the ordered counter read and the barriers.

enum {
  GUEST_NR_CLOCK_GETTIME = 113,
  GUEST_NR_CLOCK_GETRES = 114,
  GUEST_NR_GETCPU = 168,
  GUEST_NR_GETRANDOM = 278,
  GUEST_NR_GETPID = 172,
  GUEST_NR_GETPPID = 173,
  GUEST_NR_GETUID = 174,
  GUEST_NR_GETEUID = 175,
  GUEST_NR_GETGID = 176,
  GUEST_NR_GETEGID = 177,
  GUEST_NR_RISCV_HWPROBE = 258,
  GUEST_NR_RISCV_FLUSH_ICACHE = 259,
};

GUEST_INLINE long guest_trap5(long number, long a, long b, long c, long d, long e) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
  return a0;
}

GUEST_INLINE long guest_trap(long number, long a, long b, long c) { return guest_trap5(number, a, b, c, 0, 0); }

// Loads before it are complete before loads after it begin.
GUEST_INLINE void guest_read_barrier(void) { __asm__ volatile("fence r, r" ::: "memory"); }

// The time register counts as device input, so a fence of loads against input orders it.
GUEST_INLINE guest_counter_t guest_counter(uint32_t source) {
  uint64_t value;
  (void)source;
  __asm__ volatile("fence r, i\n\trdtime %0" : "=r"(value)::"memory");
  return (guest_counter_t){.low = (uint32_t)value, .high = (uint32_t)(value >> 32)};
}
