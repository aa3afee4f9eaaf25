// SPDX-License-Identifier: Apache-2.0

// x86_64: the trap, the ordered counter read and the barriers.

enum {
  GUEST_NR_CLOCK_GETTIME = 228,
  GUEST_NR_CLOCK_GETRES = 229,
  GUEST_NR_GETCPU = 309,
  GUEST_NR_GETRANDOM = 318,
  GUEST_NR_GETPID = 39,
  GUEST_NR_GETPPID = 110,
  GUEST_NR_GETUID = 102,
  GUEST_NR_GETEUID = 107,
  GUEST_NR_GETGID = 104,
  GUEST_NR_GETEGID = 108,
};

GUEST_INLINE long guest_trap(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

// On this architecture no load passes another one, so only the compiler must be prevented from reordering.
GUEST_INLINE void guest_read_barrier(void) { __asm__ volatile("" ::: "memory"); }

// lfence waits for the loads before it, and rdtscp for all instructions before it, so neither reads the counter early.
GUEST_INLINE guest_counter_t guest_counter(uint32_t source) {
  guest_counter_t counter;
  if (__builtin_expect(source == VDSO_COUNTER_LFENCE_RDTSC, 1))
    __asm__ volatile("lfence\n\trdtsc" : "=a"(counter.low), "=d"(counter.high)::"memory");
  else
    __asm__ volatile("rdtscp" : "=a"(counter.low), "=d"(counter.high)::"rcx", "memory");
  return counter;
}
