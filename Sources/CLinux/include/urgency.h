// SPDX-License-Identifier: Apache-2.0

// Priority for a process that keeps others waiting. All of it is for a process of one thread.

#ifndef CLINUX_URGENCY_H
#define CLINUX_URGENCY_H

#include <stdbool.h>
#include <stdint.h>

/// Schedules this process before all of normal priority, if the system permits it, until `linux_end_urgency` was called as often. Processes
/// that it forks have normal priority. `uptime` is the host's CLOCK_MONOTONIC in nanoseconds. The corresponding C constant is `SCHED_FIFO`.
void linux_begin_urgency(int64_t uptime);

/// Returns to the scheduling from before.
void linux_end_urgency(void);

/// Waits until `deadline`, or for a shorter time, and meanwhile lends another thread the priority of this process; the kernel takes it
/// back also if this process is killed. `deadline` is of the host's CLOCK_MONOTONIC, in nanoseconds. Returns false at once if this process
/// is not urgent, or can't lend. The corresponding C constant is `FUTEX_LOCK_PI2`.
bool linux_lend_priority(int thread, int64_t deadline);

#endif
