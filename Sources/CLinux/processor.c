// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include <sched.h>

#include "process.h"

// Before it stays, where it does.
static cpu_set_t original;
static bool stays;

void linux_stay_on_processor(void) {
  cpu_set_t one;
  int processor = sched_getcpu();
  // Machines with more processors than a set holds fail here.
  if (stays || processor < 0 || sched_getaffinity(0, sizeof original, &original) != 0) return;
  CPU_ZERO(&one);
  CPU_SET((size_t)processor, &one);
  stays = sched_setaffinity(0, sizeof one, &one) == 0;
}

void linux_leave_processor(void) {
  if (stays) sched_setaffinity(0, sizeof original, &original);
  stays = false;
}
