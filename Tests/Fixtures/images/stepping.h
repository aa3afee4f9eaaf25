// SPDX-License-Identifier: Apache-2.0

// A program that steps through its own calls of a page with the processor's trap flag.

#ifndef STEPPING_H
#define STEPPING_H

#ifdef __cplusplus
extern "C" {
#endif

// Makes unwinders take `code` for the vDSO, and installs the handler of traps that steps.
void start_stepping(char *code, void *time);

// Calls a function of the page, stopping at each instruction.
long call_one(long (*function)(long, long, long, long, long), long a, long b, long c, long d, long e);

// A signal's handler whose return is stepped through.
void handle(int signal);

// Ends the program: prints how many instructions of the page were stopped at, and how often.
void finished(void);

// The changes that the calls ask for while they run: see unwind.c.
extern volatile int page_changes, window_follows;

#ifdef __cplusplus
}
#endif

#endif
