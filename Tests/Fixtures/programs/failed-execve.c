// SPDX-License-Identifier: Apache-2.0

// What a thread does after an execve that has failed. Usage: failed-execve wait|tracer|threads PROG
//   wait     waits for 0.2 seconds until a date: prints whether it did
//   tracer   waits until no process traces it, and prints that
//   threads  another thread's execve fails, and then the first one executes PROG

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void fail(void) {
  char *const arguments[] = {"missing", NULL};
  execv("/nonexistent/missing", arguments);
}

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int tracer(void) {
  FILE *status = fopen("/proc/thread-self/status", "r");
  char line[256];
  int number = -1;
  while (status != NULL && fgets(line, sizeof line, status) != NULL) sscanf(line, "TracerPid: %d", &number);
  if (status != NULL) fclose(status);
  return number;
}

static pthread_barrier_t failed;

static void *other(void *unused) {
  fail();
  pthread_barrier_wait(&failed);
  for (;;) pause();
  return unused;
}

int main(int count, char **arguments) {
  const char *way = count > 1 ? arguments[1] : "";
  if (strcmp(way, "wait") == 0) {
    double end = now(CLOCK_REALTIME) + 0.2, start = now(CLOCK_MONOTONIC);
    struct timespec date = {(time_t)end, (long)((end - (double)(time_t)end) * 1e9)};
    fail();
    int result = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &date, NULL);
    printf("%s\n", result == 0 && now(CLOCK_MONOTONIC) - start > 0.19 ? "waited" : "did not wait");
  } else if (strcmp(way, "tracer") == 0) {
    fail();
    while (tracer() != 0) usleep(1000);
    printf("no tracer\n");
  } else if (strcmp(way, "threads") == 0 && count > 2) {
    pthread_t thread;
    pthread_barrier_init(&failed, NULL, 2);
    if (pthread_create(&thread, NULL, other, NULL) != 0) return 1;
    pthread_barrier_wait(&failed);
    execv(arguments[2], arguments + 2);
    return 1;
  } else {
    return 2;
  }
  return 0;
}
