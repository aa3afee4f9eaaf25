// SPDX-License-Identifier: Apache-2.0

#include "linux_clock.h"

#include <sys/timex.h>

int linux_leap_state(void) {
  struct timex time = {.modes = 0};
  return adjtimex(&time);
}

bool linux_read_discipline(struct linux_discipline *discipline) {
  struct timex time = {.modes = 0};
  if (adjtimex(&time) < 0) return false;
  *discipline = (struct linux_discipline){.frequency = time.freq,
                                          .tick = time.tick,
                                          .maximum_error = time.maxerror,
                                          .estimated_error = time.esterror,
                                          .constant = time.constant,
                                          .status = time.status,
                                          .tai = time.tai};
  return true;
}
