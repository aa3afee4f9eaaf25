// SPDX-License-Identifier: Apache-2.0

// Starts two children and a grandchild that is left to the process that adopts orphans, and waits until it has no child. Prints the number
// of children that it has waited for, and whether SIGCHLD came when none of them had ended.
// Usage: children [adopt]: with adopt it adopts orphans itself.
//   children before PROGRAM ARGUMENT...    becomes a process that adopts orphans, and executes the program
//   children itself PROGRAM ARGUMENT...    executes the program

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void count(int number) {
  (void)number;
  signals++;
}

int main(int argc, char **argv) {
  sigset_t blocked, pending;
  if (argc > 2) {
    // Blocked signals stay blocked, so that one which is pending for the program isn't lost on the way.
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    if (strcmp(argv[1], "before") == 0) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    execvp(argv[2], argv + 2);
    return 99;
  }
  if (argc > 1) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  sigpending(&pending);
  int strays = sigismember(&pending, SIGCHLD);
  sigemptyset(&blocked);
  signal(SIGCHLD, count);
  sigprocmask(SIG_SETMASK, &blocked, NULL);
  usleep(100000);
  strays += signals;
  for (int i = 0; i < 2; i++)
    if (fork() == 0) {
      if (i == 1 && fork() == 0) usleep(20000);
      _exit(0);
    }
  int met = 0;
  for (;;) {
    if (wait(NULL) > 0)
      met++;
    else if (errno == ECHILD)
      break;
  }
  printf("%d children, %s\n", met, strays ? "a stray signal" : "no stray signal");
  return 0;
}
