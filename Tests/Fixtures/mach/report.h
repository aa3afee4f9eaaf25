// SPDX-License-Identifier: Apache-2.0

// Lines on the serial port, and the result of the test.

#ifndef REPORT_H
#define REPORT_H

// Prints a line on the kernel's console, with printf's %s %c %d %u %x, a width, and ll before the last three.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Prints whether the claim in `text` holds, and counts failures.
void check(const char *text, int holds);
// Prints the result of the test, and ends the machine.
void finish(void) __attribute__((noreturn));
// From now on, a fault of this task that no thread of it handles ends the machine with a line that gives its address.
void report_faults(void);

const char *return_name(int code);

#endif
