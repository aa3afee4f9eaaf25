// SPDX-License-Identifier: Apache-2.0

// What differs between the two machines that a worker runs on: entry, traps, and the cycle counter.

#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

typedef long (*function_t)(long, long);

// A function that may be missing.
#define WEAK(name) extern long name(long, long) __attribute__((weak))

static long system_call_entry;  // i386: the kernel's own, 0 for none
void start(long *stack) __attribute__((used));

#ifdef __i386__

#define CLOCK_NAME "clock_gettime64"
enum {
  NR_OPEN = 5,
  NR_WRITE = 4,
  NR_MMAP = 192,
  NR_PROTECT = 125,
  NR_EXIT = 252,
  NR_CLOCK = 403,
  NR_GETTIMEOFDAY = 78,
  NR_TIME = 13,
  NR_GETPID = 20
};

__asm__(
    ".globl _start\n_start:\n movl %esp, %eax\n andl $-16, %esp\n subl $12, %esp\n pushl %eax\n call start\n hlt\n");

// A call with six arguments, by the old gate.
static long system_call(long number, long a, long b, long c, long d, long e) {
  long result;
  __asm__ volatile("pushl %%ebp\n\txorl %%ebp, %%ebp\n\tint $0x80\n\tpopl %%ebp"
                   : "=a"(result)
                   : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                   : "memory");
  return result;
}

// A system call as the C library makes it: by the kernel's entry, if there is one.
static inline long trap(long number, long a, long b) {
  long result;
  if (system_call_entry) {
    __asm__ volatile("call *%4"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "m"(system_call_entry), "d"(0)
                     : "memory");
    return result;
  }
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
  return result;
}

#else

#define CLOCK_NAME "clock_gettime"
enum {
  NR_OPEN = 2,
  NR_WRITE = 1,
  NR_MMAP = 9,
  NR_PROTECT = 10,
  NR_EXIT = 231,
  NR_CLOCK = 228,
  NR_GETTIMEOFDAY = 96,
  NR_TIME = 201,
  NR_GETPID = 39
};

__asm__(".globl _start\n_start:\n movq %rsp, %rdi\n andq $-16, %rsp\n call start\n hlt\n");

static long system_call(long number, long a, long b, long c, long d, long e) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = 0;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static inline long trap(long number, long a, long b) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b) : "rcx", "r11", "memory");
  return result;
}

#endif

static inline uint64_t counter(void) {
  uint32_t low, high;
  __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
  return (uint64_t)high << 32 | low;
}

static inline uint64_t counter_by_rdtscp(void) {
  uint32_t low, high;
  __asm__ volatile("rdtscp" : "=a"(low), "=d"(high)::"ecx", "memory");
  return (uint64_t)high << 32 | low;
}

static inline void leave(int status) {
  system_call(NR_EXIT, status, 0, 0, 0, 0);
  __builtin_trap();
}

static inline int write_all(const void *bytes, unsigned long size) {
  for (unsigned long done = 0; done < size;) {
    long written = system_call(NR_WRITE, 1, (long)bytes + (long)done, (long)(size - done), 0, 0);
    if (written <= 0) return 0;
    done += (unsigned long)written;
  }
  return 1;
}

// The compiler emits calls to these.
void *memset(void *place, int value, unsigned long size) {
  for (unsigned long i = 0; i < size; i++) ((volatile char *)place)[i] = (char)value;
  return place;
}

void *memcpy(void *to, const void *from, unsigned long size) {
  for (unsigned long i = 0; i < size; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}

#endif
