// SPDX-License-Identifier: Apache-2.0

// Runs a command in a process group of its own and writes its end to a file: "exit N", "signal N", or "timeout", after which the whole
// group is killed. Usage: outcome FILE SECONDS COMMAND...
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;
static volatile sig_atomic_t is_late;

static void end(int signal) {
  (void)signal;
  is_late = 1;
  kill(-child, SIGKILL);
}

int main(int count, char **arguments) {
  if (count < 4) return 125;
  child = fork();
  if (child == 0) {
    setpgid(0, 0);
    execvp(arguments[3], arguments + 3);
    _exit(127);
  }
  setpgid(child, child);
  signal(SIGALRM, end);
  alarm((unsigned)atoi(arguments[2]));
  int status;
  while (waitpid(child, &status, 0) < 0) {
  }
  FILE *file = fopen(arguments[1], "w");
  if (!file) return 125;
  if (is_late)
    fprintf(file, "timeout\n");
  else if (WIFSIGNALED(status))
    fprintf(file, "signal %d\n", WTERMSIG(status));
  else
    fprintf(file, "exit %d\n", WEXITSTATUS(status));
  return fclose(file) != 0;
}
