// SPDX-License-Identifier: Apache-2.0

// The code that a process uses. Usage: functions-used PID PROGRAM SECONDS [ARGUMENT...]: single-steps the process, which runs PROGRAM, for that
// time or to its end, and prints the distance from the program's first mapping of each 16 bytes in which an instruction was executed, in the
// order of their first use. PID 0 is a new process that executes PROGRAM with the arguments.

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { UNITS = 1 << 22 };

// A process that is traced from its execve on.
static pid_t start(char *program, char **arguments) {
  pid_t process = fork();
  if (process != 0) return process;
  arguments[0] = program;
  dup2(2, 1);
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  execv(program, arguments);
  _exit(1);
}

static int is_followed(pid_t process) {
  return ptrace(PTRACE_SEIZE, process, 0, 0) == 0 && ptrace(PTRACE_INTERRUPT, process, 0, 0) == 0;
}

int main(int count, char **arguments) {
  if (count < 4) return 2;
  pid_t process = atoi(arguments[1]);
  int status, is_new = process == 0;
  if (is_new) {
    process = start(arguments[2], arguments + 3);
    if (waitpid(process, &status, WUNTRACED) != process || !WIFSTOPPED(status)) return 1;
  }
  char path[64], line[4096];
  snprintf(path, sizeof path, "/proc/%d/maps", process);
  FILE *mappings = fopen(path, "r");
  unsigned long base = 0, last = 0, start, stop;
  while (mappings != NULL && fgets(line, sizeof line, mappings) != NULL) {
    if (strstr(line, arguments[2]) == NULL || sscanf(line, "%lx-%lx", &start, &stop) != 2) continue;
    if (base == 0) base = start;
    last = stop;
  }
  if (base == 0 || (is_new ? ptrace(PTRACE_SINGLESTEP, process, 0, 0) != 0 : !is_followed(process))) return 1;
  static char used[UNITS];
  time_t end = time(NULL) + atoi(arguments[3]);
  while (waitpid(process, &status, __WALL) == process && WIFSTOPPED(status)) {
    unsigned long position = (unsigned long)ptrace(PTRACE_PEEKUSER, process, offsetof(struct user_regs_struct, rip), 0);
    unsigned long unit = (position - base) / 16;
    if (position >= base && position < last && unit < UNITS && !used[unit]) {
      used[unit] = 1;
      printf("%lx\n", position - base);
    }
    if (time(NULL) >= end) break;
    int signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    ptrace(PTRACE_SINGLESTEP, process, 0, signal);
  }
  if (is_new) kill(process, SIGKILL);
  return 0;
}
