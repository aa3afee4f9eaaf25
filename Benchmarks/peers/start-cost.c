// SPDX-License-Identifier: Apache-2.0

// How long programs run, in turns. Usage: start-cost RUNS COMMAND... Each command is one argument, with spaces between its words; its
// output is discarded. Prints a line for each: the milliseconds from vfork to its end, the median and the least.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORDS = 16, WARM_UP = 5 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double run(char *const *words, int nowhere) {
  double start = now();
  pid_t child = vfork();
  if (child == 0) {
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    execvp(words[0], words);
    _exit(127);
  }
  int status;
  if (child < 0 || waitpid(child, &status, 0) < 0) exit(1);
  return now() - start;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **arguments) {
  int runs = count > 2 ? atoi(arguments[1]) : 0;
  if (runs < 1) return 2;
  char **commands = arguments + 2, *words[count][MOST_WORDS];
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  double *times = calloc((size_t)(count - 2) * (size_t)runs, sizeof(double));
  if (nowhere < 0 || times == NULL) return 1;
  for (int i = 0; i < count - 2; i++) {
    char *text = strdup(commands[i]);
    int number = 0;
    for (char *word = strtok(text, " "); word != NULL && number < MOST_WORDS - 1; word = strtok(NULL, " "))
      words[i][number++] = word;
    words[i][number] = NULL;
  }
  for (int round = -WARM_UP; round < runs; round++) {
    for (int i = 0; i < count - 2; i++) {
      double time = run(words[i], nowhere);
      if (round >= 0) times[i * runs + round] = time;
    }
  }
  for (int i = 0; i < count - 2; i++) {
    qsort(times + i * runs, (size_t)runs, sizeof(double), ascending);
    printf("%.3f\t%.3f\t%s\n", times[i * runs + runs / 2], times[i * runs], commands[i]);
  }
  return 0;
}
