// SPDX-License-Identifier: Apache-2.0

// i386: the trap, the ordered counter read and the barriers.

enum {
  GUEST_NR_CLOCK_GETTIME = 403,  // clock_gettime64
  GUEST_NR_CLOCK_GETRES = 266,
  GUEST_NR_GETCPU = 318,
  GUEST_NR_GETRANDOM = 355,
  GUEST_NR_GETPID = 20,
  GUEST_NR_GETPPID = 64,
  GUEST_NR_GETUID = 199,  // here and below, the calls of 32-bit ids
  GUEST_NR_GETEUID = 201,
  GUEST_NR_GETGID = 200,
  GUEST_NR_GETEGID = 202,
};

#if VDSO_FLAVOR_MACH

// GNU Mach has no gate at int 0x80, and its clock is a remote procedure call: its libc makes it after ENOSYS.
GUEST_INLINE long guest_trap(long number, long a, long b, long c) {
  (void)number, (void)a, (void)b, (void)c;
  return -38;
}

#else

// Goes through __kernel_vsyscall, which takes the fastest entry there is.
GUEST_INLINE long guest_trap(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("call vdso_kernel_vsyscall" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

#endif

// On this architecture no load passes another one, so only the compiler must be prevented from reordering.
GUEST_INLINE void guest_read_barrier(void) { __asm__ volatile("" ::: "memory"); }

// lfence waits for the loads before it, and rdtscp for all instructions before it, so neither reads the counter early.
GUEST_INLINE guest_counter_t guest_counter(uint32_t source) {
  guest_counter_t counter;
  if (__builtin_expect(source == VDSO_COUNTER_LFENCE_RDTSC, 1))
    __asm__ volatile("lfence\n\trdtsc" : "=a"(counter.low), "=d"(counter.high)::"memory");
  else
    __asm__ volatile("rdtscp" : "=a"(counter.low), "=d"(counter.high)::"ecx", "memory");
  return counter;
}

// Whole seconds in a count of nanoseconds below 136 years, with a division instruction that the compiler doesn't use. A larger count, whose
// quotient would fault, gives 136 years.
GUEST_INLINE uint64_t guest_seconds(uint64_t nanoseconds) {
  uint32_t low = (uint32_t)nanoseconds, high = (uint32_t)(nanoseconds >> 32);
  if (high > 999999999u) high = 999999999u;
  __asm__("divl %2" : "+a"(low), "+d"(high) : "r"(1000000000u) : "cc");
  return low;
}
