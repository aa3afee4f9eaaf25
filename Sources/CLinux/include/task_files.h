// SPDX-License-Identifier: Apache-2.0

// Files that another task has open.

#ifndef CLINUX_TASK_FILES_H
#define CLINUX_TASK_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Stores the numbers of the first `capacity` pipes and sockets that the thread's execve will close, and returns how many they are;
/// none where they are not to be seen. The corresponding C constant is `FD_CLOEXEC`.
size_t linux_closing_connections(int thread, int *numbers, size_t capacity);

#endif
