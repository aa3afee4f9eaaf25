// SPDX-License-Identifier: Apache-2.0

// Prints the cost of the shim's calls compared with libc's own, in nanoseconds: the best of many short rounds in turns.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <vdsoshim.h>

enum { ROUNDS = 400, CALLS = 2000 };

typedef int clock_function(clockid_t, struct timespec *);
typedef pid_t pid_function(void);

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double clock_cost(clock_function *volatile function) {
  struct timespec time;
  double start = now();
  for (int i = 0; i < CALLS; i++) function(CLOCK_MONOTONIC, &time);
  return (now() - start) / CALLS;
}

static double pid_cost(pid_function *volatile function) {
  double start = now();
  for (int i = 0; i < CALLS; i++) function();
  return (now() - start) / CALLS;
}

static void keep_least(double *least, double value) {
  if (value < *least) *least = value;
}

int main(void) {
  void *libc = dlopen("libc.so.6", RTLD_NOW);
  clock_function *libc_clock = (clock_function *)dlsym(libc, "clock_gettime");
  pid_function *libc_pid = (pid_function *)dlsym(libc, "getpid");
  if (libc_clock == NULL || libc_pid == NULL || libc_clock == clock_gettime || libc_pid == getpid) return 1;
  double shim_clock = 1e9, own_clock = 1e9, shim_pid = 1e9, own_pid = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    keep_least(&shim_clock, clock_cost(clock_gettime));
    keep_least(&own_clock, clock_cost(libc_clock));
    keep_least(&shim_pid, pid_cost(getpid));
    keep_least(&own_pid, pid_cost(libc_pid));
  }
  printf("clock_gettime: shim %.2f, libc %.2f, ratio %.3f\n", shim_clock, own_clock, shim_clock / own_clock);
  printf("getpid (%s): shim %.2f, libc %.2f, libc/shim %.1f\n", vdsoshim_resolution("getpid"), shim_pid, own_pid,
         own_pid / shim_pid);
  return 0;
}
