// SPDX-License-Identifier: Apache-2.0

// Sends a signal to the timekeeper of its own time page, and compares the page with the system calls for a number of seconds.
// Usage: timekeeper-fault SIGNAL SECONDS. Prints "exact N coarse N timekeeper WORD". The first N is how often a clock with nanoseconds was
// wrong, at any moment. The second N is for the coarse clocks and time(), which a busy machine may delay: it counts those wrong by more
// than LAG seconds, and more than GRACE seconds after the signal. WORD is the timekeeper's state: same, died, or replaced.

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vdso.h"

enum { GRACE = 3, LAG = 2 };

static int64_t nanoseconds(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }

static int64_t by_call(clockid_t id) {
  struct timespec t = {0};
  syscall(SYS_clock_gettime, id, &t);
  return nanoseconds(t);
}

static int64_t by_page(clockid_t id) {
  struct timespec t = {0};
  clock_gettime(id, &t);
  return nanoseconds(t);
}

// Whether the page's reading lies outside two readings of the kernel's, with some tolerance.
static int is_wrong(clockid_t id, int64_t room) {
  int64_t before = by_call(id), page = by_page(id), after = by_call(id);
  return page < before - room || page > after + room;
}

static int is_time_wrong(void) {
  int64_t before = by_call(CLOCK_REALTIME_COARSE) - LAG * 1000000000LL, page = time(NULL),
          after = by_call(CLOCK_REALTIME);
  return page < before / 1000000000 || page > after / 1000000000;
}

int main(int count, char **arguments) {
  char *header = (char *)getauxval(AT_SYSINFO_EHDR);
  if (count != 3 || header == NULL) return 2;
  const volatile vdso_time_page_t *page = (void *)(header - 2 * VDSO_PAGE_STRIDE);
  // The program may run before its timekeeper does.
  const uint32_t flags = VDSO_TIMEKEEPER_DIED | VDSO_SECONDS_VALID;
  for (int i = 0; i < 100 && (page->timekeeper & ~flags) == 0; i++) usleep(10000);
  uint32_t timekeeper = page->timekeeper & ~flags;
  if (page->magic != VDSO_TIME_MAGIC || timekeeper == 0 || kill((pid_t)timekeeper, atoi(arguments[1])) != 0) return 2;
  int64_t start = by_call(CLOCK_MONOTONIC), end = start + atoll(arguments[2]) * 1000000000;
  int64_t grace = start + GRACE * 1000000000LL;
  long exact = 0, coarse = 0;
  for (int64_t now = start; now < end; now = by_call(CLOCK_MONOTONIC)) {
    exact += is_wrong(CLOCK_REALTIME, 1000000) + is_wrong(CLOCK_MONOTONIC, 1000000);
    if (now > grace)
      coarse += is_wrong(CLOCK_REALTIME_COARSE, LAG * 1000000000LL) +
                is_wrong(CLOCK_MONOTONIC_COARSE, LAG * 1000000000LL) + is_time_wrong();
    usleep(500);
  }
  uint32_t word = page->timekeeper;
  const char *fate = word & VDSO_TIMEKEEPER_DIED ? "died" : (word & ~flags) != timekeeper ? "replaced" : "same";
  printf("exact %ld coarse %ld timekeeper %s\n", exact, coarse, fate);
  // A stopped timekeeper must not outlive the program.
  if ((word & ~flags) == timekeeper) kill((pid_t)timekeeper, SIGCONT);
  return exact + coarse != 0;
}
