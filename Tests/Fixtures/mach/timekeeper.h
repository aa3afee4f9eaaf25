// SPDX-License-Identifier: Apache-2.0

// The timekeeper: a task that publishes the time at each tick.

#ifndef TIMEKEEPER_H
#define TIMEKEEPER_H

#include "kernel_time.h"
#include "time_page.h"

// Where its server maps the pages for it: the time page, for writing, and the kernel's, for reading.
#define TIMEKEEPER_PAGE ((vdso_time_page_t *)0x60000000)
#define TIMEKEEPER_DEVICE ((const volatile mapped_time_value_t *)0x61000000)
// The name by which it has the right to its server's task.
enum { TIMEKEEPER_SERVER = 0x10001 };

// The first line, by half a second of the kernel's clock.
line_t calibrate(const volatile mapped_time_value_t *);

// The timekeeper's thread. `nominal` is the line's `mult` where nothing has to be corrected.
void keep_time(void *nominal);

#endif
