// SPDX-License-Identifier: Apache-2.0

// Executes itself directly and through a command, with sets of descriptors chosen at random, and compares which ones are open in both.
// Usage: inherited-descriptors SEED COUNT COMMAND...; prints "0 failures". With "list" alone, prints the open descriptors to descriptor 999.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 300, ANSWER = 999 };

static int list(void) {
  for (int number = 0; number < ANSWER; number++) {
    int flags = fcntl(number, F_GETFD);
    if (flags >= 0) dprintf(ANSWER, "%d:%d ", number, flags);
  }
  return 0;
}

// Writes which descriptors the command has to `answer`, if it is started with those of `set`.
static void run(char **command, const char *set, char answer[8192]) {
  int pipes[2];
  if (pipe(pipes) != 0) exit(2);
  pid_t child = fork();
  if (child == 0) {
    dup2(pipes[1], ANSWER);
    for (int number = 0; number < ANSWER; number++) {
      if (number >= MOST || !set[number]) {
        close(number);
      } else {
        dup2(ANSWER, number);
      }
    }
    execv(command[0], command);
    _exit(127);
  }
  close(pipes[1]);
  size_t count = 0;
  for (ssize_t read_count; (read_count = read(pipes[0], answer + count, 8191 - count)) > 0;)
    count += (size_t)read_count;
  answer[count] = 0;
  close(pipes[0]);
  waitpid(child, NULL, 0);
}

int main(int count, char **arguments) {
  if (count == 2) return list();
  srand((unsigned)atoi(arguments[1]));
  int failures = 0, open = 0, words = count - 3;
  char self[4096], *command[64] = {0}, *direct[] = {self, "list", NULL};
  if (readlink("/proc/self/exe", memset(self, 0, sizeof self), sizeof self - 1) < 0 || words > 60) return 2;
  memcpy(command, arguments + 3, (size_t)words * sizeof *command);
  command[words] = self;
  command[words + 1] = "list";
  for (int round = atoi(arguments[2]); round > 0; round--) {
    static char set[MOST], expected[8192], actual[8192];
    int last = (int[]){5, 20, 70, MOST}[rand() % 4], share = 1 + rand() % 4;
    for (int number = 0; number < MOST; number++) set[number] = number < last && rand() % share == 0;
    run(direct, set, expected);
    run(command, set, actual);
    open += expected[0] != 0;
    if (strcmp(expected, actual) != 0) {
      printf("expected %s\nfound %s\n", expected, actual);
      failures++;
    }
  }
  if (!open) failures++;
  printf("%d failures\n", failures);
  return failures != 0;
}
