// SPDX-License-Identifier: Apache-2.0

// Threads in any task, and how they end.

#ifndef THREADS_H
#define THREADS_H

#include "mach_task.h"

// Starts a thread in `task`, which has this program's memory, at entry(argument), on a stack of its own. Returns 0 if it can't.
thread_t start_thread(task_t task, void (*entry)(void *), void *argument);

// How a thread ended: by an exception (EXC_*; of EXC_BAD_ACCESS `code` is a kern_return_t, and `address` what it accessed).
typedef struct {
  int exception;  // -1: none arrived in time
  int code;
  uint32_t address, instruction;
} fault_t;

fault_t receive_fault(mach_port_t port, mach_msg_timeout_t timeout);

// Runs a thread in `task` from `instruction` on, with esi = `argument` and no stack, until it raises an exception.
fault_t run_instructions(task_t task, uint32_t instruction, uint32_t argument);
// Runs entry(argument), which has to end by `stop`, in `task`, which has this program's memory.
fault_t run_function(task_t task, void (*entry)(void *), void *argument);
static inline void stop(void) {
  for (;;) __asm__ volatile("int3");
}

#endif
