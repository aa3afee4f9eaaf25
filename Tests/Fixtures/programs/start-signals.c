// SPDX-License-Identifier: Apache-2.0

// Starts a command again and again, sends it a signal in the first milliseconds, and waits for its end.
// Usage: start-signals SEED COUNT SIGNAL COMMAND...; SIGSTOP is followed by SIGCONT. Prints "COUNT ended", unless one takes 30 seconds.

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 5) return 2;
  srand((unsigned)atoi(arguments[1]));
  int starts = atoi(arguments[2]), number = atoi(arguments[3]);
  for (int start = 0; start < starts; start++) {
    pid_t child = fork();
    if (child == 0) {
      execvp(arguments[4], arguments + 4);
      _exit(127);
    }
    usleep((useconds_t)(rand() % 6000));
    kill(child, number);
    if (number == SIGSTOP) {
      usleep(3000);
      kill(child, SIGCONT);
    }
    for (int tries = 0; waitpid(child, NULL, WNOHANG) == 0; tries++) {
      if (tries == 30000) {
        kill(child, SIGKILL);
        return printf("start %d hangs\n", start) < 0;
      }
      usleep(1000);
    }
  }
  return printf("%d ended\n", starts) < 0;
}
