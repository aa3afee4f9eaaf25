// SPDX-License-Identifier: Apache-2.0

// Code by which a task works through a list of system calls and then continues unchanged, and the end of such a list.
//
// One file of code and one of C per architecture, with the same names in each: injected_calls_ARCH.S, resume_ARCH.c.
//
// A list is made of words of the task's width. Its first word says what an entry is:
//
//   number >= 0  six arguments, distance, result: makes the call and stores its result; after an error the list goes on
//                `distance` bytes further on
//   -1           the end: what `linux_write_resume` writes
//   -2           source, addend, destination: adds to the word at `source` and stores the sum
//   -3           source, count, destination: copies bytes

#ifndef CLINUX_INJECTED_CALLS_H
#define CLINUX_INJECTED_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_trace.h"

/// The code, which runs at any address and changes nothing but registers and the list.
const void *linux_injected_calls_code(bool is_32bit);
size_t linux_injected_calls_code_size(bool is_32bit);

/// The most that `linux_write_resume` writes.
enum { LINUX_RESUME_CAPACITY = 8192 };

/// Writes the end of a list that lies at `address` in a task whose execve is about to return: the kernel then gives it
/// `registers`, with a result of 0, `mask` as its signal mask, and the vector registers of a new program.
///
/// Returns the number of bytes. The corresponding C function is `rt_sigreturn`.
size_t linux_write_resume(const linux_registers *registers, uint64_t mask, uint64_t address, void *buffer);

/// Makes the task work through the list at `list` by the code at `code`.
void linux_start_injected_calls(linux_registers *registers, uint64_t code, uint64_t list);

/// The task's position in the list, between an entry's first word and the next entry.
uint64_t linux_injected_calls_position(const linux_registers *registers);

/// Sets the registers of a task whose execve was about to return to those that it returns with, as the list's end does.
void linux_end_injected_calls(linux_registers *registers);

#endif
