// SPDX-License-Identifier: Apache-2.0

// Finds out which of this program's own system calls are forbidden by the filters that it runs under.

#ifndef CLINUX_CALL_PERMISSIONS_H
#define CLINUX_CALL_PERMISSIONS_H

#include <stdbool.h>
#include <stddef.h>

/// The purposes of a call. Calls that seal mappings, give up rights or watch the date can be left out.
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

/// The number of calls, and each of them.
extern const size_t linux_own_call_count;
const struct linux_own_call *linux_own_call(size_t index);

/// Tries all calls in a child process. Returns whether one of them killed it (SIGSYS), or one that demo-loader needs failed.
bool linux_own_calls_are_forbidden(void);

/// Tries one call in a child process.
bool linux_own_call_is_forbidden(size_t index);

#endif
