// Starts a program again and again, each time kills with SIGKILL whatever else has become its child by then, at a random
// moment, and counts how the program ended: what starts it makes helpers that are nobody's children, so they are its.
// Usage: helper-killer COUNT SEED MICROSECONDS PROGRAM [ARGUMENT...]; prints "STATUS COUNT" for each exit status met, 128
// and more for signals, and "killed COUNT".

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;

static uint64_t next_random(void) {
  state += 0x9e3779b97f4a7c15;
  uint64_t z = state;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// The children but `known`: how many; with a signal they are sent it.
static int others(pid_t known, int number) {
  static int file;
  if (file == 0) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    file = open(path, O_RDONLY | O_CLOEXEC);
  }
  char text[4096];
  ssize_t size = pread(file, text, sizeof text - 1, 0);
  text[size < 0 ? 0 : size] = 0;
  int found = 0;
  for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
    pid_t child = atoi(word);
    if (child == known) continue;
    if (number == 0 || kill(child, number) == 0) found++;
  }
  return found;
}

int main(int count, char **arguments) {
  static int counts[256];
  if (count < 5) return 99;
  int rounds = atoi(arguments[1]), killed = 0;
  state = strtoull(arguments[2], NULL, 10);
  uint64_t span = strtoull(arguments[3], NULL, 10) * 1000;
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (int i = 0; i < rounds; i++) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      execvp(arguments[4], arguments + 4);
      _exit(99);
    }
    int64_t limit = now() + 20000000;
    while (others(child, 0) == 0 && now() < limit) {}
    int64_t moment = now() + (int64_t)(next_random() % span);
    while (now() < moment) {}
    killed += others(child, SIGKILL);
    int status;
    while (waitpid(child, &status, 0) == -1 && errno == EINTR) {}
    counts[WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)]++;
    others(child, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0) {}
  }
  for (int i = 0; i < 256; i++)
    if (counts[i] != 0) printf("%d %d\n", i, counts[i]);
  printf("killed %d\n", killed);
  return 0;
}
