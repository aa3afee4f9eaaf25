// SPDX-License-Identifier: Apache-2.0

// Prints in kibibytes the most memory that a program had at once. Usage: peak-memory PROG ARGUMENT...

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 2) return 2;
  // vfork, so that the child does not begin with this process's pages counted as its own.
  pid_t child = vfork();
  if (child == 0) {
    execvp(arguments[1], arguments + 1);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
    fprintf(stderr, "%s failed\n", arguments[1]);
    return 1;
  }
  printf("%ld\n", usage.ru_maxrss);
  return 0;
}
