// SPDX-License-Identifier: Apache-2.0

// The memory in which the vDSO's getrandom keeps a thread's random state.

#ifndef RANDOM_STATE_H
#define RANDOM_STATE_H

#include <stddef.h>

enum { LINUX_RANDOM_STATE_PAGE = 4096 };

/// Maps a state as `function`, the vDSO's getrandom, requires it. The kernel may wipe it at any time, and wipes it on fork. Returns null,
/// or the state and its size.
void *linux_map_random_state(const void *function, size_t *size);

void linux_unmap_random_state(void *state);

#endif
