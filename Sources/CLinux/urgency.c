// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "urgency.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <system_call.h>

enum { LOCK_PI2 = 13 };

// musl's functions for scheduling always fail.
static int policy(void) { return (int)linux_syscall(SYS_sched_getscheduler, 0, 0, 0, 0, 0, 0); }

static bool get_parameter(struct sched_param *parameter) {
  return linux_syscall(SYS_sched_getparam, 0, (long)parameter, 0, 0, 0, 0) == 0;
}

static bool set_policy(int policy, const struct sched_param *parameter) {
  return linux_syscall(SYS_sched_setscheduler, 0, policy, (long)parameter, 0, 0, 0) == 0;
}

static int depth;
// The scheduling from before, and the word of a lock in memory that counts as shared: of private memory, the kernel accepts only threads
// of the same process as owners.
static struct {
  bool is_urgent;
  int policy;
  struct sched_param parameter;
  volatile uint32_t *lock;
} state;

// Whether waits by CLOCK_MONOTONIC are the host's: in a session, that clock may be another one.
static bool has_hosts_clock(int64_t uptime) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now)) return false;
  int64_t difference = now.tv_sec - uptime / 1000000000;
  return difference >= -1 && difference <= 1;
}

void linux_begin_urgency(int64_t uptime) {
  if (depth++ > 0) return;
  state.policy = policy();
  struct sched_param urgent = {.sched_priority = 1};
  state.is_urgent =
      state.policy >= 0 && get_parameter(&state.parameter) && set_policy(SCHED_FIFO | SCHED_RESET_ON_FORK, &urgent);
  if (!state.is_urgent || state.lock || !has_hosts_clock(uptime)) return;
  void *memory = mmap(NULL, sizeof *state.lock, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) state.lock = memory;
}

void linux_end_urgency(void) {
  if (--depth > 0 || !state.is_urgent) return;
  state.is_urgent = false;
  // Only CAP_SYS_NICE may remove the flag.
  if (!set_policy(state.policy, &state.parameter)) set_policy(state.policy | SCHED_RESET_ON_FORK, &state.parameter);
}

bool linux_lend_priority(int thread, int64_t deadline) {
  if (!state.is_urgent || !state.lock) return false;
  // The thread is made the owner of a lock that this process waits for.
  *state.lock = (uint32_t)thread;
  struct timespec end = {deadline / 1000000000, deadline % 1000000000};
  return syscall(SYS_futex, state.lock, LOCK_PI2, 0, &end, NULL, 0) == 0 || errno == ETIMEDOUT || errno == EINTR;
}
