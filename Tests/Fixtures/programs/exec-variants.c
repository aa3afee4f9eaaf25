// SPDX-License-Identifier: Apache-2.0

// Executes a program in one of the ways that are hard to follow, and ends with its exit status.
// Usage: exec-variants failed|vfork|spawn|thread|threads|signals PROGRAM

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char *arguments[2];

static int status_of(pid_t child) {
  int status;
  while (waitpid(child, &status, 0) == -1)
    if (errno != EINTR) return 100;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static void *execute(void *unused) {
  (void)unused;
  execv(arguments[0], arguments);
  return NULL;
}

static int fails_a_hundred_times(void) {
  char *none[] = {"/nonexistent", NULL};
  for (int i = 0; i < 100; i++)
    if (execv(none[0], none) != -1 || errno != ENOENT) return 0;
  return 1;
}

// Stops, continues and disturbs the child while it executes programs.
static int signals(void) {
  signal(SIGUSR1, SIG_IGN);
  pid_t child = fork();
  if (child == 0) execute(NULL);
  for (int i = 0; i < 200; i++) {
    kill(child, i % 3 == 0 ? SIGSTOP : i % 3 == 1 ? SIGCONT : SIGUSR1);
    usleep(20);
  }
  kill(child, SIGCONT);
  return status_of(child);
}

int main(int count, char **words) {
  if (count != 3) return 99;
  arguments[0] = words[2];
  pthread_t thread;
  pid_t child;
  if (strcmp(words[1], "failed") == 0) {
    if (!fails_a_hundred_times()) return 98;
    execute(NULL);
  } else if (strcmp(words[1], "vfork") == 0) {
    child = vfork();
    if (child == 0) {
      execv(arguments[0], arguments);
      _exit(97);
    }
    return status_of(child);
  } else if (strcmp(words[1], "spawn") == 0) {
    if (posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ) != 0) return 96;
    return status_of(child);
  } else if (strcmp(words[1], "thread") == 0) {
    pthread_create(&thread, NULL, execute, NULL);
    for (;;) pause();
  } else if (strcmp(words[1], "threads") == 0) {
    for (int i = 0; i < 4; i++) pthread_create(&thread, NULL, execute, NULL);
    for (;;) pause();
  } else if (strcmp(words[1], "signals") == 0) {
    return signals();
  }
  return 95;
}
