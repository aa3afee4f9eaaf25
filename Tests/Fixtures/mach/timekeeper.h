// SPDX-License-Identifier: Apache-2.0

// The timekeeper: a task that publishes the time at each tick.

#ifndef TIMEKEEPER_H
#define TIMEKEEPER_H

#include "kernel_time.h"
#include "time_page.h"

// The address at which its server maps the pages for it: the time page for writing, and the kernel's for reading.
#define TIMEKEEPER_PAGE ((vdso_time_page_t *)0x60000000)
#define TIMEKEEPER_DEVICE ((const volatile mapped_time_value_t *)0x61000000)
// Its name for the right to its server's task.
enum { TIMEKEEPER_SERVER = 0x10001 };

// The first line, measured over half a second of the kernel's clock.
line_t calibrate(const volatile mapped_time_value_t *);

// The timekeeper's thread. `nominal` is the line's `mult` if nothing must be corrected.
void keep_time(void *nominal);

#endif
