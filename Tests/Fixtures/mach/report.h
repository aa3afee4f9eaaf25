// SPDX-License-Identifier: Apache-2.0

// Lines on the serial port, and the verdict.

#ifndef REPORT_H
#define REPORT_H

// A line on the kernel's console, by printf's %s %c %d %u %x, with a width, and ll before the last three.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Says whether what `text` states holds, and counts what doesn't.
void check(const char *text, int holds);
// Says the verdict, and ends the machine.
void finish(void) __attribute__((noreturn));
// From now on a fault of this task that no thread of it handles ends the machine with a line that says where.
void report_faults(void);

const char *return_name(int code);

#endif
