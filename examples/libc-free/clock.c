// SPDX-License-Identifier: Apache-2.0

// A static program without libc: finds the auxiliary vector on its stack, the vDSO in the vector, clock_gettime in the vDSO, and
// prints the seconds since the epoch. The exit status is 0 if it found the function, 1 if it asked the kernel instead.

#include <vdsoshim.h>

static long system_call(long number, long first, long second, long third) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(first), "S"(second), "d"(third)
                   : "rcx", "r11", "memory");
  return result;
}

enum { SYSTEM_WRITE = 1, SYSTEM_CLOCK_GETTIME = 228, SYSTEM_EXIT = 60, KEY_VDSO = 33 };

static void print(unsigned long number) {
  char text[24];
  char *start = text + sizeof text;
  *--start = '\n';
  do *--start = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  system_call(SYSTEM_WRITE, 1, (long)start, text + sizeof text - start);
}

// The stack as the kernel made it: the argument count, the arguments, null, the environment, null, the auxiliary vector.
__attribute__((used, noreturn)) static void begin(const unsigned long *stack) {
  const unsigned long *vector = stack + 1 + stack[0] + 1;
  while (*vector++ != 0) {
  }
  unsigned long image = 0;
  struct vdso_symbol symbol;
  struct timespec now;
  int found = vdso_auxiliary_value(vector, KEY_VDSO, &image) == 1 &&
              vdso_find_symbol((const void *)image, "__vdso_clock_gettime", "LINUX_2.6", &symbol) == 1;
  if (found)
    ((int (*)(clockid_t, struct timespec *))symbol.address)(CLOCK_REALTIME, &now);
  else
    system_call(SYSTEM_CLOCK_GETTIME, CLOCK_REALTIME, (long)&now, 0);
  print((unsigned long)now.tv_sec);
  system_call(SYSTEM_EXIT, !found, 0, 0);
  __builtin_unreachable();
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tcall begin\n");
