// SPDX-License-Identifier: Apache-2.0

// A stack of one's own, for where ulimit -s leaves less than this program needs.
//
// Assumes: the body doesn't return, and nothing unwinds past it.

#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "process.h"

enum { ROOM = 512 << 10 };

void linux_run_with_room(int count, char **arguments, void (*body)(int, char **)) {
#if defined(__x86_64__)
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < ROOM) {
    char *stack =
        mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack != MAP_FAILED)
      __asm__ volatile(
          "movq %0, %%rsp\n\t"
          "xorl %%ebp, %%ebp\n\t"
          "callq *%1\n\t"
          "ud2"
          :
          : "r"(stack + ROOM), "r"(body), "D"(count), "S"(arguments)
          : "memory");
  }
#endif
  body(count, arguments);
  __builtin_unreachable();
}
