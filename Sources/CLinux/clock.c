#include "linux_clock.h"

#include <sys/timex.h>

int linux_leap_state(void) {
  struct timex time = {.modes = 0};
  return adjtimex(&time);
}
