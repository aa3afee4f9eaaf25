// SPDX-License-Identifier: Apache-2.0

// Starts a program in a session, and sets its clock, while it runs, to the last second that a 32-bit time_t can hold.
// Usage: drive DEMO_LOADER PROGRAM [ARGUMENT...]

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vdso_session.h"

int main(int count, char **arguments) {
  char control[64], reason[200];
  int64_t date;
  if (count < 3) return 2;
  snprintf(control, sizeof control, "/tmp/drive-%d", (int)getpid());
  char *command[count + 3];
  command[0] = arguments[1];
  command[1] = "--control";
  command[2] = control;
  for (int i = 2; i <= count; i++) command[i + 1] = arguments[i];
  pid_t program = fork();
  if (program == 0) {
    execv(command[0], command);
    _exit(127);
  }
  // The session can be reached as soon as its socket exists.
  int status;
  while (vdso_session_date(control, &date, reason, sizeof reason) != 0) {
    if (waitpid(program, &status, WNOHANG) == program) {
      printf("the program has ended: %s\n", reason);
      return 1;
    }
    usleep(10000);
  }

  int result = vdso_session_set(control, "=2038-01-19T03:14:07Z", VDSO_SESSION_REALTIME, reason, sizeof reason);
  if (result == 0) result = vdso_session_date(control, &date, reason, sizeof reason);
  if (result == 0) {
    printf("the program is at %lld\n", (long long)(date / 1000000000));
  } else {
    printf("%s\n", reason);
  }
  fflush(stdout);
  if (waitpid(program, &status, 0) != program) return 1;
  return result != 0 || status != 0;
}
