// SPDX-License-Identifier: Apache-2.0

// The target of each of the shim's calls. These words are zero before any code has run, so that a call that precedes the constructor finds
// no target and traps. Swift's globals don't guarantee that.

#ifndef SHIM_TARGETS_H
#define SHIM_TARGETS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum {
  SHIM_CLOCK_GETTIME,
  SHIM_CLOCK_GETRES,
  SHIM_GETTIMEOFDAY,
  SHIM_TIME,
  SHIM_GETCPU,
  SHIM_GETPID,
  SHIM_GETUID,
  SHIM_GETEUID,
  SHIM_GETGID,
  SHIM_GETEGID,
  SHIM_FUNCTION_COUNT
};

#pragma GCC visibility push(hidden)
extern const void *shim_targets[SHIM_FUNCTION_COUNT];
extern const char *shim_reasons[SHIM_FUNCTION_COUNT];
extern int shim_state;
/// How many processes besides this one may be using its memory: children of `vfork`, and of `clone` with CLONE_VM.
extern int shim_sharers;
#pragma GCC visibility pop

/// The vDSO's function, or null for the kernel. The function was mapped before the process began, so the read needs no order with other
/// memory.
static inline const void *shim_target(long function) {
  return __atomic_load_n(&shim_targets[function], __ATOMIC_RELAXED);
}

static inline void shim_set_target(long function, const void *target) {
  __atomic_store_n(&shim_targets[function], target, __ATOMIC_RELAXED);
}

/// The reason for the function's route, a constant string, or null before the constructor has run.
static inline const char *shim_reason(long function) {
  return __atomic_load_n(&shim_reasons[function], __ATOMIC_RELAXED);
}

static inline void shim_set_reason(long function, const char *reason) {
  __atomic_store_n(&shim_reasons[function], reason, __ATOMIC_RELAXED);
}

/// Whether another process may be using this memory. The process reads a word that it has written itself, or its parent before it existed:
/// the read needs no order with other memory.
static inline int shim_is_shared(void) {
  return __builtin_expect(__atomic_load_n(&shim_sharers, __ATOMIC_RELAXED) != 0, 0);
}

/// Like `shim_target`, for a function whose result belongs to the process: null while another process may be using this memory.
static inline const void *shim_own_target(long function) { return shim_is_shared() ? NULL : shim_target(function); }

/// Whether `shim_sharers` counts the process's children, which requires that the process uses this library's `vfork` and `clone`.
int shim_counts_children(void);

static inline int shim_get_state(void) { return __atomic_load_n(&shim_state, __ATOMIC_RELAXED); }
static inline void shim_set_state(int state) { __atomic_store_n(&shim_state, state, __ATOMIC_RELAXED); }

/// A kernel's result as libc returns it: -1 and `errno` for a negated error number.
static inline int shim_result(long result) {
  if (__builtin_expect(result < 0, 0)) {
    errno = (int)-result;
    return -1;
  }
  return (int)result;
}

/// `shim_result` for assembly.
int shim_fail(long result);

#endif
