// SPDX-License-Identifier: Apache-2.0

// Reads clocks without a pause until its input ends, in as many threads as the first argument says, or computes, if it ends with "c". For
// each empty line of input, prints the hours by which the date of each call is ahead of the kernel's. For a line with a letter, prints
// those of clock_gettime in a child by fork (f) or vfork (v), in a program that posix_spawn executes (p), also in a thread (t) or in a
// child that goes on afterwards (l), in the program that the environment calls OTHER (o), of a system call that bypasses the page (s), or
// after it has forked a child with a listener for system calls (k). Of more than 20 threads, those that read run when nothing else does, so
// that the others need not wait for each. With the argument "hours", prints those of clock_gettime and ends. At the end, prints "0
// failures" if no monotonic clock went back, no two calls disagreed, and no wait failed. With a second argument, a wait may end in EINTR.

#define _GNU_SOURCE
#include "kernel-date.h"
#include "vdso-image.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int64_t second = 1000000000;
static atomic_int failures, isOver;
static int isCrowd;

static void fail(const char *what, int64_t value) {
  if (atomic_fetch_add(&failures, 1) < 5) printf("%s: %lld\n", what, (long long)value);
}

static int64_t read_clock(clockid_t id) {
  struct timespec time = {-1, -1};
  if (clock_gettime(id, &time) != 0) fail("clock_gettime", errno);
  return time.tv_sec * second + time.tv_nsec;
}

static int64_t ahead(int64_t seconds) {
  int64_t hours = hours_ahead(seconds);
  if (hours == -1000000) fail("fstat", errno);
  return hours;
}

static int64_t ahead_by_timeofday(void) {
  struct timeval now;
  gettimeofday(&now, NULL);
  return ahead(now.tv_sec);
}

static int64_t hours(void) { return ahead(read_clock(CLOCK_REALTIME) / second); }

static void print(int64_t value) {
  printf("%lld\n", (long long)value);
  fflush(stdout);
}

static void wait_for(pid_t child) {
  int status;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    printf("failed\n");
    fflush(stdout);
  }
}

extern char **environ;
static char self[] = "/proc/self/exe", *program = self, *words[] = {self, "hours", NULL};

static void *spawn(void *unused) {
  pid_t child;
  wait_for(posix_spawn(&child, program, NULL, NULL, words, environ) == 0 ? child : -1);
  return unused;
}

// A child that executes programs whenever its parent asks for it.
static void *spawn_elsewhere(void *unused) {
  static int to[2], from[2];
  char letter = 'x';
  if (to[1] == 0) {
    if (pipe(to) != 0 || pipe(from) != 0) fail("pipe", errno);
    if (fork() == 0) {
      close(to[1]);
      while (read(to[0], &letter, 1) == 1) {
        spawn(NULL);
        if (write(from[1], &letter, 1) != 1) break;
      }
      _exit(0);
    }
  }
  if (write(to[1], &letter, 1) != 1 || read(from[0], &letter, 1) != 1) fail("child", errno);
  return unused;
}

// A child whose system calls something listens to already, which ends with its parent.
static void fork_listener(void) {
  int to[2], from[2];
  char letter = 'x';
  if (pipe(to) != 0 || pipe(from) != 0) fail("pipe", errno);
  if (fork() == 0) {
    // struct sock_filter and sock_fprog, with BPF_RET and SECCOMP_RET_ALLOW; SECCOMP_SET_MODE_FILTER and SECCOMP_FILTER_FLAG_NEW_LISTENER.
    struct {
      uint16_t code;
      uint8_t jumps[2];
      uint32_t value;
    } allow = {6, {0, 0}, 0x7fff0000};
    struct {
      uint16_t count;
      void *instructions;
    } filter = {1, &allow};
    close(to[1]);
    int isOpen = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_seccomp, 1, 8, &filter) >= 0;
    if (isOpen && write(from[1], &letter, 1) == 1) (void)!read(to[0], &letter, 1);
    _exit(0);
  }
  close(from[1]);
  if (read(from[0], &letter, 1) != 1) fail("listener", 0);
}

static void answer(char letter) {
  long words_of_time[2];
  pthread_t thread;
  static volatile int64_t childs;
  pid_t child;
  switch (letter) {
    case 'f':
      child = fork();
      if (child == 0) {
        print(hours());
        _exit(0);
      }
      return wait_for(child);
    case 'v':
      childs = -1;
      child = vfork();
      if (child == 0) {
        childs = hours();
        _exit(0);
      }
      wait_for(child);
      return print(childs);
    case 'p':
      spawn(NULL);
      return;
    case 'o':
      program = getenv("OTHER");
      spawn(NULL);
      program = self;
      return;
    case 't':
      pthread_create(&thread, NULL, spawn, NULL);
      pthread_join(thread, NULL);
      return;
    case 'l':
      spawn_elsewhere(NULL);
      return;
    case 'k':
      fork_listener();
      return print(hours());
    case 's':
      // The call's structure has words of the kernel's width.
      syscall(SYS_clock_gettime, CLOCK_REALTIME, words_of_time);
      return print(ahead(words_of_time[0]));
  }
}

// A 32-bit libc uses some of the vDSO's functions alone.
#ifdef __i386__
static int (*vdso_gettime)(clockid_t, int32_t *), (*vdso_gettime64)(clockid_t, int64_t *);
static int (*vdso_timeofday)(int32_t *, void *), (*vdso_getres)(clockid_t, int32_t *), (*vdso_time)(int32_t *);

static void find_functions(void) {
  Image image;
  if (!open_image(&image)) return fail("vDSO", 0);
  vdso_gettime = find(&image, PREFIX "clock_gettime");
  vdso_gettime64 = find(&image, PREFIX "clock_gettime64");
  vdso_timeofday = find(&image, PREFIX "gettimeofday");
  vdso_getres = find(&image, PREFIX "clock_getres");
  vdso_time = find(&image, PREFIX "time");
}

static void check_functions(void) {
  int32_t time[2] = {0, -1}, other[2] = {0, -1}, resolution[2] = {-1, -1}, seconds = 0;
  int64_t wide[2] = {0, -1};
  if (vdso_gettime(CLOCK_REALTIME, time) || time[1] < 0) fail("vDSO's clock_gettime", time[1]);
  if (vdso_gettime64(CLOCK_REALTIME, wide) || wide[1] < 0) fail("vDSO's clock_gettime64", wide[1]);
  if (vdso_timeofday(other, NULL) || other[1] < 0) fail("vDSO's gettimeofday", other[1]);
  if (vdso_time(&seconds) != seconds) fail("vDSO's time", seconds);
  if (vdso_getres(CLOCK_REALTIME, resolution) || resolution[0] != 0) fail("vDSO's clock_getres", resolution[0]);
  int64_t dates[] = {wide[0], other[0], seconds};
  for (int index = 0; index < 3; index++) {
    int64_t minutes = (dates[index] - time[0]) / 60 % 60;
    if (minutes != 0 && minutes != 59 && minutes != -59) fail("vDSO", dates[index] - time[0]);
  }
}
#else
static void find_functions(void) { (void)open_image, (void)find; }
static void check_functions(void) {}
#endif

// No monotonic clock may be behind what this thread, or for the first clock any thread, has read before.
static void check_monotonic(int64_t last[4]) {
  static const clockid_t ids[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE};
  static _Atomic int64_t latest;
  int64_t all = atomic_load(&latest);
  if (all > last[0]) last[0] = all;
  for (int index = 0; index < 4; index++) {
    int64_t now = read_clock(ids[index]);
    if (now < last[index]) fail(index == 0 ? "monotonic" : "other monotonic", now - last[index]);
    last[index] = now;
  }
  while (all < last[0] && !atomic_compare_exchange_weak(&latest, &all, last[0])) {
  }
}

static void *work(void *unused) {
  int64_t monotonic[4] = {0};
  static const struct sched_param none;
  if (isCrowd) syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &none);
  while (!isOver) {
    check_monotonic(monotonic);
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
    check_functions();
  }
  return unused;
}

// Registers of all kinds must keep their values.
static void *compute(void *unused) {
  for (uint64_t first = 0; !isOver;) {
    uint64_t number = 88172645463325252;
    double sum = 0;
    for (int index = 0; index < 100000; index++) {
      number ^= number << 13;
      number ^= number >> 7;
      number ^= number << 17;
      sum += (double)(number & 0xffff) / 3;
    }
    uint64_t result = number ^ (uint64_t)sum;
    if (first == 0) first = result;
    if (result != first) fail("computed", (int64_t)result);
  }
  return unused;
}

int main(int count, char **arguments) {
  if (count > 1 && strcmp(arguments[1], "hours") == 0) return print(hours()), failures;
  find_functions();
  // A demo-loader that is killed may leave some descriptors.
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  int threads = count > 1 ? atoi(arguments[1]) : 0;
  isCrowd = threads > 20;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 17);
  for (int index = 0; index < threads; index++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, strchr(arguments[1], 'c') ? compute : work, NULL) != 0) return 1;
  }
  int queue = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(queue, EPOLL_CTL_ADD, 0, &event);
  printf("%d\n", (int)getpid());
  fflush(stdout);
  char letter = 0;
  for (;;) {
    int ready = epoll_wait(queue, &event, 1, -1);
    if (ready != 1) {
      if (count < 3 || errno != EINTR) fail("epoll_wait", errno);
      continue;
    }
    char input;
    if (read(0, &input, 1) <= 0) break;
    if (input != '\n') {
      letter = input;
      continue;
    }
    if (letter != 0) {
      answer(letter);
      letter = 0;
      continue;
    }
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
