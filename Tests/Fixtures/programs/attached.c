// SPDX-License-Identifier: Apache-2.0

// Reads clocks without a pause until its input ends, in as many threads as the first argument says. For each line of input, prints the
// hours by which the date of each call is ahead of the kernel's. At the end, prints "0 failures" if no monotonic clock went back, no two
// calls disagreed, and no wait failed. With a second argument, a wait may end in EINTR.

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t hour = 3600, second = 1000000000;
static atomic_int failures, isOver;

static void fail(const char *what, int64_t value) {
  if (atomic_fetch_add(&failures, 1) < 5) printf("%s: %lld\n", what, (long long)value);
}

static int64_t read_clock(clockid_t id) {
  struct timespec time = {-1, -1};
  if (clock_gettime(id, &time) != 0) fail("clock_gettime", errno);
  return time.tv_sec * second + time.tv_nsec;
}

static int64_t ahead(int64_t seconds) {
  struct timespec kernels;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &kernels);
  int64_t distance = seconds - kernels.tv_sec;
  return (distance + (distance < 0 ? -1 : 1) * hour / 2) / hour;
}

static int64_t ahead_by_timeofday(void) {
  struct timeval now;
  gettimeofday(&now, NULL);
  return ahead(now.tv_sec);
}

static void *work(void *unused) {
  int64_t monotonic = 0;
  while (!isOver) {
    int64_t now = read_clock(CLOCK_MONOTONIC);
    if (now < monotonic) fail("monotonic", now - monotonic);
    monotonic = now;
    // The tests change the time only by whole hours.
    int64_t date = read_clock(CLOCK_REALTIME);
    struct timeval other;
    gettimeofday(&other, NULL);
    int64_t minutes = (other.tv_sec * second - date) / second / 60 % 60;
    if (minutes != 0 && minutes != 59 && minutes != -59) fail("gettimeofday", other.tv_sec - date / second);
    minutes = (time(NULL) - date / second) / 60 % 60;
    if (minutes != 0 && minutes != 59 && minutes != -59) fail("time", minutes);
    struct timespec resolution;
    if (clock_getres(CLOCK_REALTIME, &resolution) != 0) fail("clock_getres", errno);
  }
  return unused;
}

int main(int count, char **arguments) {
  int threads = count > 1 ? atoi(arguments[1]) : 0;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 17);
  for (int index = 0; index < threads; index++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, work, NULL) != 0) return 1;
  }
  int queue = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(queue, EPOLL_CTL_ADD, 0, &event);
  printf("%d\n", (int)getpid());
  fflush(stdout);
  for (;;) {
    int ready = epoll_wait(queue, &event, 1, -1);
    if (ready != 1) {
      if (count < 3 || errno != EINTR) fail("epoll_wait", errno);
      continue;
    }
    char input;
    if (read(0, &input, 1) <= 0) break;
    if (input != '\n') continue;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    printf("%lld %lld %lld\n", (long long)ahead(now.tv_sec), (long long)ahead_by_timeofday(),
           (long long)ahead(time(NULL)));
    fflush(stdout);
  }
  isOver = 1;
  printf("%d failures\n", failures);
  return failures != 0;
}
