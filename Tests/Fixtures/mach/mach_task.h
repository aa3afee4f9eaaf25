// SPDX-License-Identifier: Apache-2.0

// The shared part of these tests' tasks: Mach's interfaces, and the few functions that replace a libc.

#ifndef MACH_TASK_H
#define MACH_TASK_H

#include <stddef.h>
#include <stdint.h>

#include <mach/exception.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>
#include <mach/notify.h>
#include <mach/task_special_ports.h>
#include <mach/thread_special_ports.h>
#include <mach/thread_status.h>

#include "device.h"
#include "gnumach.h"
#include "mach.h"
#include "mach4.h"
#include "mach_host.h"
#include "mach_port.h"
#include "vdso.h"

mach_msg_return_t mach_msg_trap(mach_msg_header_t *, mach_msg_option_t, mach_msg_size_t, mach_msg_size_t, mach_port_t,
                                mach_msg_timeout_t, mach_port_t);
mach_port_t mach_reply_port(void), mach_task_self(void), mach_host_self(void);
// Writes a string to the kernel's console.
void mach_print(const char *);
// A trap that always fails.
kern_return_t invalid_trap(void);
// Yields the processor to other threads that can run.
int swtch_pri(int priority);

enum { PAGE = VDSO_PAGE_SIZE, R = VM_PROT_READ, W = VM_PROT_WRITE, X = VM_PROT_EXECUTE };

// Rights that the kernel gave the first task by number, on its command line.
extern mach_port_t host_privileged, device_master;

void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
int strcmp(const char *, const char *);
// Unsigned division: there is no libgcc.
uint64_t divide(uint64_t dividend, uint64_t divisor);

// A port with a receive and a send right.
mach_port_t new_port(void);
void sleep_milliseconds(unsigned);

// The counter, in order with what is before and after it.
static inline uint64_t counter(void) {
  uint32_t low, high;
  __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

#endif
