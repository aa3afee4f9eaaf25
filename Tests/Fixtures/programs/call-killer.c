// SPDX-License-Identifier: Apache-2.0

// Executes a program and kills it at a stop of a system call, at its beginning or end, also of a process that it waits for as after
// vfork. The first argument is the number of the stop, counted from the program's first ptrace(2) on. Exits with 0 if the program was killed, and with 1 if it ended before.

#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 3) return 2;
  long left = atol(arguments[1]);
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execv(arguments[2], arguments + 2);
    _exit(127);
  }
  int status, hasBegun = 0;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEVFORK));
  int signal = 0;
  pid_t stopped = child, known = child;
  for (;;) {
    ptrace(PTRACE_SYSCALL, stopped, NULL, (void *)(long)signal);
    do {
      stopped = waitpid(-1, &status, __WALL);
    } while (stopped > 0 && stopped != child && !WIFSTOPPED(status));
    if (stopped < 0 || !WIFSTOPPED(status)) return 1;
    int isNew = stopped != child && stopped != known;
    if (isNew) known = stopped;
    int stop = WSTOPSIG(status);
    int isTrap = stop == SIGTRAP && status >> 16 != 0;
    signal = stop == (SIGTRAP | 0x80) || isTrap || isNew ? 0 : stop;
    if (stop != (SIGTRAP | 0x80)) continue;
    struct __ptrace_syscall_info call;
    ptrace(PTRACE_GET_SYSCALL_INFO, stopped, (void *)sizeof call, &call);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY && call.entry.nr == SYS_ptrace) hasBegun = 1;
    if (!hasBegun || --left > 0) continue;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return 0;
  }
}
