// SPDX-License-Identifier: Apache-2.0

// Sets the clock in every way that Linux has, and checks the result. Run it only where it can't set the machine's own clock.

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static int failures;

static double read_clock(clockid_t id) {
  struct timespec time;
  clock_gettime(id, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void near(const char *name, double value, double expected, double slack) {
  if (value >= expected - 1e-6 && value <= expected + slack) return;
  printf("%s: %.9f is not from %.9f to %.9f\n", name, value, expected, expected + slack);
  failures++;
}

static void fails(const char *name, int result, int number) {
  if (result == -1 && errno == number) return;
  printf("%s: %d, %s, and not error %d\n", name, result, strerror(errno), number);
  failures++;
}

static void check(const char *name, int holds) {
  if (holds) return;
  printf("%s, %s\n", name, strerror(errno));
  failures++;
}

static int set(long seconds, long rest) {
  struct timespec time = {.tv_sec = seconds, .tv_nsec = rest};
  return clock_settime(CLOCK_REALTIME, &time);
}

static int adjust(struct timex time) { return adjtimex(&time); }

// By how much the date went faster than MONOTONIC in a number of seconds.
static double gain(double seconds) {
  double uptime = read_clock(CLOCK_MONOTONIC), date = read_clock(CLOCK_REALTIME);
  while (read_clock(CLOCK_MONOTONIC) - uptime < seconds) usleep(20000);
  double passed = read_clock(CLOCK_MONOTONIC) - uptime;
  return read_clock(CLOCK_REALTIME) - date - passed;
}

int main(int count, char **arguments) {
  (void)arguments;
  if (count > 1) {
    // A user without the right fails.
    fails("clock_settime", set(2000000000, 0), EPERM);
    fails("settimeofday", settimeofday(&(struct timeval){.tv_sec = 2000000000}, NULL), EPERM);
    fails("adjtimex", adjust((struct timex){.modes = ADJ_SETOFFSET, .time = {.tv_sec = 1}}), EPERM);
    fails("clock_settime, wrong", set(2000000000, 1000000000), EINVAL);
    struct timex time = {.modes = 0};
    check("adjtimex, reading", adjtimex(&time) >= 0);
    near("adjtimex, reading", time.time.tv_sec, read_clock(CLOCK_REALTIME) - 5, 10);
    printf("%d failures\n", failures);
    return failures != 0;
  }
  double uptime = read_clock(CLOCK_MONOTONIC);
  check("clock_settime", set(2000000000, 500000000) == 0);
  near("clock_settime", read_clock(CLOCK_REALTIME), 2000000000.5, 5);
  near("clock_settime, coarse", read_clock(CLOCK_REALTIME_COARSE), 2000000000.5, 5);
  near("clock_settime, time", time(NULL), 2000000000, 6);
  check("settimeofday", settimeofday(&(struct timeval){.tv_sec = 1900000000, .tv_usec = 250000}, NULL) == 0);
  near("settimeofday", read_clock(CLOCK_REALTIME), 1900000000.25, 5);
#ifdef SYS_stime
  long date = 1950000000;
  check("stime", syscall(SYS_stime, &date) == 0);
  near("stime", read_clock(CLOCK_REALTIME), 1950000000, 5);
#endif
  near("the uptime stays", read_clock(CLOCK_MONOTONIC), uptime, 20);

  fails("no time", syscall(SYS_clock_settime, CLOCK_REALTIME, NULL), EFAULT);
  fails("too many nanoseconds", set(2000000000, 1000000000), EINVAL);
  fails("negative", set(-1, 0), EINVAL);
  fails("before the start", set(1, 0), EINVAL);
  fails("monotonic", clock_settime(CLOCK_MONOTONIC, &(struct timespec){.tv_sec = 2000000000}), EINVAL);

  double before = read_clock(CLOCK_REALTIME);
  check("step", adjust((struct timex){.modes = ADJ_SETOFFSET, .time = {.tv_sec = 3600, .tv_usec = 500000}}) >= 0);
  near("step", read_clock(CLOCK_REALTIME), before + 3600.5, 5);
  before = read_clock(CLOCK_REALTIME);
  check("step back", adjust((struct timex){.modes = ADJ_SETOFFSET | ADJ_NANO,
                                           .time = {.tv_sec = -7201, .tv_usec = 500000000}}) >= 0);
  near("step back", read_clock(CLOCK_REALTIME), before - 7200.5, 5);
  fails("step, wrong", adjust((struct timex){.modes = ADJ_SETOFFSET | ADJ_MICRO, .time = {.tv_usec = 1000000}}),
        EINVAL);
  fails("an unknown mode", adjust((struct timex){.modes = 0x40}), EINVAL);
  fails("adjtime and more", adjust((struct timex){.modes = ADJ_OFFSET_SINGLESHOT | ADJ_FREQUENCY}), EINVAL);
  fails("a tick too long", adjust((struct timex){.modes = ADJ_TICK, .tick = 12000}), EINVAL);

  struct timex given = {.modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR | ADJ_NANO | ADJ_TIMECONST | ADJ_FREQUENCY,
                        .status = STA_PLL | STA_UNSYNC,
                        .maxerror = 1234,
                        .esterror = 567,
                        .constant = 3,
                        .freq = 6553600};
  check("storing", adjtimex(&given) == TIME_ERROR);
  struct timex told = {.modes = 0};
  check("reading", adjtimex(&told) == TIME_ERROR);
  check("status", (told.status & (STA_PLL | STA_UNSYNC | STA_NANO)) == (STA_PLL | STA_UNSYNC | STA_NANO));
  check("errors", told.maxerror == 1234 && told.esterror == 567 && told.constant == 3 && told.freq == 6553600);
  near("adjtimex", told.time.tv_sec + told.time.tv_usec / 1e9, read_clock(CLOCK_REALTIME) - 5, 5);
  double tai = read_clock(CLOCK_TAI) - read_clock(CLOCK_REALTIME);
  check("tai", adjust((struct timex){.modes = ADJ_TAI, .constant = (long)(tai + 0.5) + 7}) >= 0);
  near("tai", read_clock(CLOCK_TAI) - read_clock(CLOCK_REALTIME), tai + 7 - 0.5, 1);
#ifdef __GLIBC__
  struct ntptimeval ntp;
  check("ntp_gettime", ntp_gettime(&ntp) >= 0);
  near("ntp_gettime", ntp.time.tv_sec, read_clock(CLOCK_REALTIME) - 5, 5);
#endif

  // A tenth faster; then 500 millionths faster for a second, which an offset of half a millisecond takes.
  check("tick", adjust((struct timex){.modes = ADJ_TICK | ADJ_FREQUENCY, .tick = 11000, .freq = 0}) >= 0);
  double faster = gain(0.5);
  near("a tick of 11 ms", faster, 0.04, 0.5);
  check("tick", adjust((struct timex){.modes = ADJ_TICK, .tick = told.tick}) >= 0);
  struct timeval left = {0};
  check("adjtime", adjtime(&(struct timeval){.tv_usec = 500}, NULL) == 0);
  double slewed = gain(0.4);
  near("adjtime, half", slewed, 0.00015, 0.0009);
#ifdef __GLIBC__
  // musl asks for the rest of a slew with another mode.
  check("adjtime", adjtime(NULL, &left) == 0 && left.tv_usec > 0 && left.tv_usec < 400);
#endif
  gain(1);
  check("adjtime", adjtime(NULL, &left) == 0 && left.tv_sec == 0 && left.tv_usec == 0);
  printf("%d failures\n", failures);
  return failures != 0;
}
