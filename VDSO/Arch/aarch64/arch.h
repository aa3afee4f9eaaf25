// SPDX-License-Identifier: Apache-2.0

// AArch64: the trap, the ordered counter read and the barriers.

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
};

GUEST_INLINE long guest_trap(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}

// Loads before it are complete before loads after it begin.
GUEST_INLINE void guest_read_barrier(void) { __asm__ volatile("dmb ishld" ::: "memory"); }

// cntvct_el0 may be read early, so isb orders it; cntvctss_el0 (S3_3_C14_C0_6) is ordered by itself.
GUEST_INLINE guest_counter_t guest_counter(uint32_t source) {
  uint64_t value;
  if (__builtin_expect(source == VDSO_COUNTER_CNTVCT, 1))
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
  else
    __asm__ volatile("mrs %0, S3_3_C14_C0_6" : "=r"(value)::"memory");
  return (guest_counter_t){.low = (uint32_t)value, .high = (uint32_t)(value >> 32)};
}
