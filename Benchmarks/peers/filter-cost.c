// SPDX-License-Identifier: Apache-2.0

// What a filter on system calls costs the calls that it allows. Usage: filter-cost [all|argument]; with `all` under a filter of one
// instruction, which allows everything; with `argument` under the shortest filter that reads an argument of futex. Prints the nanoseconds
// of a getppid, which the kernel remembers as allowed, and of a futex wake; each is the best of 20 rounds.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 20, CALLS = 20000 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int install(struct sock_filter *instructions, unsigned short count) {
  struct sock_fprog program = {count, instructions};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

static int word;
static void ask_parent(void) { syscall(SYS_getppid); }
static void wake(void) { syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }

static double best(void (*call)(void)) {
  double best = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double start = now();
    for (int i = 0; i < CALLS; i++) call();
    double cost = (now() - start) / CALLS;
    if (cost < best) best = cost;
  }
  return best;
}

int main(int count, char **arguments) {
  const char *kind = count > 1 ? arguments[1] : "";
  struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_filter argument[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 1),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  if (strcmp(kind, "all") == 0 && install(all, 1)) return 1;
  if (strcmp(kind, "argument") == 0 && install(argument, 4)) return 1;
  printf("%.1f\t%.1f\n", best(ask_parent), best(wake));
  return 0;
}
