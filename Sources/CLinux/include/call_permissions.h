// SPDX-License-Identifier: Apache-2.0

// Which system calls of this program's own are forbidden by filters that it lives under.

#ifndef CLINUX_CALL_PERMISSIONS_H
#define CLINUX_CALL_PERMISSIONS_H

#include <stdbool.h>
#include <stddef.h>

/// What a call is needed for. One for something else, to seal mappings, to give up rights and to watch the date, can be left out.
enum linux_call_use {
  LINUX_FOR_TRACING = 1,
  LINUX_FOR_LOADING = 2,
  LINUX_FOR_CONTROL = 4,
  LINUX_FOR_SEALING = 8,
  LINUX_FOR_RIGHTS = 16,
  LINUX_FOR_WATCHING_DATE = 32
};

struct linux_own_call {
  const char *name;
  int uses;
};

/// The calls, and how many they are.
extern const size_t linux_own_call_count;
const struct linux_own_call *linux_own_call(size_t index);

/// Tries all of them in a child process; returns whether it was ended for one (SIGSYS), or one failed without which nothing goes.
bool linux_own_calls_are_forbidden(void);

/// Tries one of them in a child process.
bool linux_own_call_is_forbidden(size_t index);

#endif
