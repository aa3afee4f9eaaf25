// SPDX-License-Identifier: Apache-2.0

// in-namespace PROGRAM ARGUMENT...: runs a program in a time namespace of its own, whose monotonic clocks are ahead.

#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 2 || unshare(CLONE_NEWTIME)) return perror("unshare"), 2;
  FILE *offsets = fopen("/proc/self/timens_offsets", "w");
  if (!offsets || fprintf(offsets, "monotonic 100000 0\nboottime 5000 0\n") < 0 || fclose(offsets))
    return perror("timens_offsets"), 2;
  pid_t child = fork();
  if (child == 0) return execvp(arguments[1], arguments + 1), 127;
  int status;
  return waitpid(child, &status, 0) != child || !WIFEXITED(status) ? 2 : WEXITSTATUS(status);
}
