// SPDX-License-Identifier: Apache-2.0

// Attaches to children as soon as their execve closes the end of a pipe or of a socket pair. Prints how many of COUNT attempts succeeded:
// attach COUNT.

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int attach(int uses_sockets) {
  int ends[2];
  if (uses_sockets ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : pipe2(ends, O_CLOEXEC)) exit(2);
  pid_t child = fork();
  if (child == 0) {
    execl("/bin/sleep", "sleep", "100", (char *)0);
    _exit(127);
  }
  close(ends[1]);
  char byte;
  if (read(ends[0], &byte, 1) != 0) exit(2);
  close(ends[0]);
  int result = ptrace(PTRACE_SEIZE, child, 0, 0) == 0;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return result;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1, attached = 0;
  for (int i = 0; i < count; i++) attached += attach(i % 2);
  printf("%d\n", attached);
  return 0;
}
