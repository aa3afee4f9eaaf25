// SPDX-License-Identifier: Apache-2.0

// Checks every call that returns the time left of a timer, two seconds of the program's clock after the timer was set to ten: the result is
// eight seconds, minus the time that passes meanwhile.

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int failures;

static void check(const char *name, double left, double least, double most) {
  if (left >= least && left <= most) return;
  printf("%s: %f is not from %f to %f\n", name, left, least, most);
  failures++;
}

static double of(struct timespec time) { return time.tv_sec + time.tv_nsec / 1e9; }
static double of_value(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return of(time);
}

static void pass(double seconds) {
  for (double end = now() + seconds; now() < end;) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

static void ignore(int number) { (void)number; }

// Sends a signal every two seconds from now on, or none. It repeats, because a signal that comes before the wait has begun doesn't end the
// wait.
static void interrupt(int seconds) {
  struct itimerval timer = {.it_value = {.tv_sec = seconds}, .it_interval = {.tv_sec = seconds}};
  setitimer(ITIMER_REAL, &timer, NULL);
}

// Checks the time left of a ten-second wait that began at `start`: at least what the time since then leaves.
static void check_wait(const char *name, double left, double start, double slack) {
  double most = 10 - (now() - start) + slack;
  interrupt(0);
  check(name, left, most - slack - 0.1, most < 10 ? most : 10);
}

int main(void) {
  double slack = 4;
  struct itimerspec ten = {.it_value = {.tv_sec = 10}, .it_interval = {.tv_sec = 30}}, none = {0}, old;
  struct itimerval ten_value = {.it_value = {.tv_sec = 10}, .it_interval = {.tv_sec = 30}}, none_value = {0}, old_value;
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  timer_t timer, date;
  int file = timerfd_create(CLOCK_MONOTONIC, 0);
  signal(SIGALRM, ignore);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_UNBLOCK, &set, NULL);

  timer_create(CLOCK_MONOTONIC, &event, &timer);
  timer_create(CLOCK_REALTIME, &event, &date);
  setitimer(ITIMER_REAL, &ten_value, NULL);
  // Processor time is the host's.
  setitimer(ITIMER_VIRTUAL, &ten_value, NULL);
  double start = now();
  timer_settime(timer, 0, &ten, NULL);
  timerfd_settime(file, 0, &ten, NULL);
  struct timespec today;
  clock_gettime(CLOCK_REALTIME, &today);
  struct itimerspec later = {.it_value = {.tv_sec = today.tv_sec + 10, .tv_nsec = today.tv_nsec}};
  timer_settime(date, TIMER_ABSTIME, &later, NULL);
  pass(2);
  getitimer(ITIMER_REAL, &old_value);
  timer_gettime(timer, &old);
  double passed = now() - start;
  check("getitimer", of_value(old_value.it_value), 10 - passed - slack, 10 - 2);
  check("getitimer, interval", of_value(old_value.it_interval), 29.9, 30.1);
  check("timer_gettime", of(old.it_value), 10 - passed - slack, 10 - 2);
  check("timer_gettime, interval", of(old.it_interval), 29.9, 30.1);
  timerfd_gettime(file, &old);
  check("timerfd_gettime", of(old.it_value), 10 - passed - slack, 10 - 2);
  timer_gettime(date, &old);
  check("timer_gettime, of a date", of(old.it_value), 10 - passed - slack, 10 - 2);
  getitimer(ITIMER_VIRTUAL, &old_value);
  check("getitimer, virtual", of_value(old_value.it_value), 9, 10.1);
  // Stopping them.
  timer_settime(timer, 0, &none, &old);
  check("timer_settime, stopping", of(old.it_value), 10 - passed - 2 * slack, 10 - 2);
  timerfd_settime(file, 0, &none, &old);
  check("timerfd_settime, stopping", of(old.it_value), 10 - passed - 2 * slack, 10 - 2);
  setitimer(ITIMER_REAL, &none_value, &old_value);
  check("setitimer, stopping", of_value(old_value.it_value), 10 - passed - 2 * slack, 10 - 2);

  alarm(10);
  pass(2);
  check("alarm, anew", alarm(10), 8 - slack, 8);
  pass(2);
  check("alarm, stopping", alarm(0), 8 - slack, 8);
  check("alarm, stopped", alarm(0), 0, 0);

  // The time left of a wait that a signal ends.
  sigaction(SIGALRM, &(struct sigaction){.sa_handler = ignore}, NULL);
  interrupt(2);
  struct timespec left = {0};
  start = now();
  int status = nanosleep(&(struct timespec){.tv_sec = 10}, &left);
  check_wait("nanosleep", status == -1 && errno == EINTR ? of(left) : -1, start, slack);
  interrupt(2);
  start = now();
  status = clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 10}, &left);
  check_wait("clock_nanosleep", status == EINTR ? of(left) : -1, start, slack);
  interrupt(2);
  struct timeval wait = {.tv_sec = 10};
  start = now();
  status = select(0, NULL, NULL, NULL, &wait);
  check_wait("select", status == -1 && errno == EINTR ? of_value(wait) : -1, start, slack);
  printf("%d failures\n", failures);
  return failures != 0;
}
