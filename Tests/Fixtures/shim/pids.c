// SPDX-License-Identifier: Apache-2.0

// Calls getpid a hundred times, after a child of the kind that the argument names. Exits with 42.

#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <vdsoshim.h>

static char stack[1 << 16] __attribute__((aligned(16)));
static int child(void *argument) { return argument != NULL; }

int main(int count, char **arguments) {
  if (count > 1 && strcmp(arguments[1], "vfork") == 0) {
    if (vfork() == 0) _exit(0);
    wait(NULL);
  } else if (count > 1) {
    clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    wait(NULL);
  }
  for (int i = 0; i < 100; i++) getpid();
  return 42;
}
