// SPDX-License-Identifier: Apache-2.0

// Prints by how many milliseconds a library in LD_PRELOAD makes the run of a program longer, measured with and without it in turns.
// Arguments: library, program.

#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

enum { RUNS = 500 };

static double run(char *program, char **environment) {
  struct timespec start, end;
  char *arguments[] = {program, NULL};
  pid_t pid;
  int status;
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (posix_spawn(&pid, program, NULL, NULL, arguments, environment) != 0) exit(1);
  if (waitpid(pid, &status, 0) != pid || status != 0) exit(1);
  clock_gettime(CLOCK_MONOTONIC, &end);
  return (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}

static int ascending(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
  static double bare[RUNS], preloaded[RUNS];
  char variable[4096];
  if (count != 3) return 2;
  snprintf(variable, sizeof variable, "LD_PRELOAD=%s", arguments[1]);
  char *with[] = {variable, NULL}, *without[] = {NULL};
  for (int i = 0; i < RUNS; i++) {
    bare[i] = run(arguments[2], without);
    preloaded[i] = run(arguments[2], with);
  }
  qsort(bare, RUNS, sizeof *bare, ascending);
  qsort(preloaded, RUNS, sizeof *preloaded, ascending);
  printf("%s: least %.3f ms, preloaded %.3f; median %.3f ms, preloaded %.3f\n", arguments[2], bare[0], preloaded[0],
         bare[RUNS / 2], preloaded[RUNS / 2]);
  return 0;
}
