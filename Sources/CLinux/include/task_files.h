// SPDX-License-Identifier: Apache-2.0

// The files and threads of another task, from /proc.

#ifndef CLINUX_TASK_FILES_H
#define CLINUX_TASK_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Stores the descriptor numbers of pipes and sockets, among them all that the thread's execve will close, up to `capacity`, which is at
/// least 16; the standard descriptors, 0 to 2, are left out, because programs need them. Returns how many it has stored, 0 if they can't
/// be listed. The corresponding C constant is `FD_CLOEXEC`.
size_t linux_closing_connections(int thread, int *numbers, size_t capacity);

/// Stores the numbers of the first `capacity` descriptors of a process at which calls of filters are listened for, and returns how many it
/// has; 0 where they are not to be seen. The corresponding C constant is `SECCOMP_FILTER_FLAG_NEW_LISTENER`.
size_t linux_listeners_of(int process, int *numbers, size_t capacity);

/// Stores the numbers of the first `capacity` processes that are to be seen and returns how many there are.
size_t linux_processes(int *ids, size_t capacity);

/// Whether two processes are of one PID namespace; false if that is not to be seen.
bool linux_shares_pid_namespace(int process, int other);

/// Whether a child of a thread uses the memory of its process, as after `vfork`. The corresponding C constant is `KCMP_VM`.
bool linux_lends_memory(int process, int thread);

/// Whether two descriptors, each of a process or thread, are the same open file; false if the first is not open, or that is not to be
/// seen. The corresponding C constant is `KCMP_FILE`.
bool linux_shares_descriptor(int process, int number, int other, int others_number);

/// A descriptor number above the standard ones that is not open in a process; -1 if it has too many, or they are not to be seen.
int linux_free_descriptor(int process);

/// Where a mapping lies.
struct linux_mapping {
  uint64_t start, end;
};

/// Finds the lowest mapping of a process that ends above `address`. Returns 0, or an error number negated, -ENOTTY before Linux 6.11.
/// The corresponding C constant is `PROCMAP_QUERY`.
int linux_next_mapping(int process, uint64_t address, struct linux_mapping *mapping);

/// Stores the ids of the first `capacity` threads of a process and returns how many it has; 0 if it is gone.
size_t linux_threads_of(int process, int *ids, size_t capacity);

/// Whether threads of a process live on after its first one has ended.
bool linux_has_live_threads(int process);

#endif
