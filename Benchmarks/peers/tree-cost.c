// SPDX-License-Identifier: Apache-2.0

// What it costs a process to execute programs and to make system calls. Usage: tree-cost [filter] PROG; with `filter` under a seccomp
// filter of one instruction, which allows everything. Prints the microseconds of vfork, execve and exit of PROG, as a median, and the
// nanoseconds of a getppid, the best of 20 rounds.

#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRAMS = 300, ROUNDS = 20, CALLS = 50000 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int allow_everything(void) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {1, &allow};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  char *program = arguments[count - 1];
  if (count > 2 && strcmp(arguments[1], "filter") == 0 && allow_everything()) return 1;

  static double times[PROGRAMS];
  for (volatile int i = 0; i < PROGRAMS; i++) {
    double start = now();
    pid_t child = vfork();
    if (child == 0) {
      execv(program, (char *[]){program, NULL});
      _exit(127);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) return 1;
    times[i] = now() - start;
  }
  qsort(times, PROGRAMS, sizeof(double), ascending);

  double best = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double start = now();
    for (int i = 0; i < CALLS; i++) syscall(SYS_getppid);
    double cost = (now() - start) / CALLS;
    if (cost < best) best = cost;
  }
  printf("%.1f\t%.1f\n", times[PROGRAMS / 2] / 1e3, best);
  return 0;
}
