// SPDX-License-Identifier: Apache-2.0

// A stack of its own for this program, for use where `ulimit -s` leaves less than it needs.
//
// Assumes: the body doesn't return, and nothing unwinds past it.

#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "process.h"

enum { ROOM = 512 << 10 };

#if defined(__x86_64__)
#define CALL_ON_STACK(end, body, first, second)      \
  __asm__ volatile(                                  \
      "movq %0, %%rsp\n\t"                           \
      "xorl %%ebp, %%ebp\n\t"                        \
      "callq *%1\n\t"                                \
      "ud2"                                          \
      :                                              \
      : "r"(end), "r"(body), "D"(first), "S"(second) \
      : "memory")
#elif defined(__aarch64__)
#define CALL_ON_STACK(end, body, first, second) \
  do {                                          \
    register long x0 __asm__("x0") = first;     \
    register char **x1 __asm__("x1") = second;  \
    __asm__ volatile(                           \
        "mov sp, %0\n\t"                        \
        "mov x29, #0\n\t"                       \
        "blr %1\n\t"                            \
        "brk #1"                                \
        :                                       \
        : "r"(end), "r"(body), "r"(x0), "r"(x1) \
        : "memory", "x30");                     \
  } while (0)
#endif

void linux_run_with_room(int count, char **arguments, void (*body)(int, char **)) {
#ifdef CALL_ON_STACK
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < ROOM) {
    char *stack =
        mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack != MAP_FAILED) CALL_ON_STACK(stack + ROOM, body, count, arguments);
  }
#endif
  body(count, arguments);
  __builtin_unreachable();
}
