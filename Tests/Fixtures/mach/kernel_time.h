// SPDX-License-Identifier: Apache-2.0

// The kernel's clock: the page that the device "time" maps, which moves at each tick.

#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include "mach_task.h"

enum { TICK_NANOSECONDS = 10000000, TICK_MICROSECONDS = 10000 };

// The memory object of the device, to be mapped for reading. Needs the device master port; 0 if it fails.
mach_port_t open_time_device(void);

// Microseconds since 1970, from the mapped page.
uint64_t mapped_microseconds(const volatile mapped_time_value_t *);
// The same at the next tick, and the counter value at that moment.
uint64_t next_tick(const volatile mapped_time_value_t *, uint64_t *counter_then);
// The same, by a call of the kernel.
uint64_t host_microseconds(void);

#endif
