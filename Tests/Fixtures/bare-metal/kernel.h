// SPDX-License-Identifier: Apache-2.0

// The interface between the kernel and its one program.

#ifndef KERNEL_H
#define KERNEL_H

#include "vdso.h"

// The registers that gates push, lowest address first.
typedef struct {
  uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
  uint32_t number, code, eip, cs, flags, user_sp, user_ss;
} frame_t;

typedef struct {
  int64_t seconds, nanoseconds;
} time64_t;

// The kernel's own system calls, whose numbers are far from Linux's.
enum { CALL_REPORT = 0x1000, CALL_SET_MODE = 0x1001, CALL_EXIT = 0x1002, CALL_COUNT_TRAPS = 0x1003 };
// The clock states that CALL_SET_MODE puts into the time page.
enum { SET_TRAPS, SET_COUNTER, SET_PUBLISHED };

// The results of int 0x80.
enum { KERNEL_SECONDS = 1234567890, KERNEL_NANOSECONDS = 987654321, KERNEL_PID = 4711 };
// The seconds of the page's counter clock at the counter's base.
enum { COUNTER_SECONDS = 1000 };

#endif
