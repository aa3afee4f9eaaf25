// SPDX-License-Identifier: Apache-2.0

// Starts a program again and again, each time sends a signal to one of its supervisors at a random moment, and counts the program's exit
// statuses. A supervisor is a child of the program, or an orphan, which this process adopts; its standby is its own child.
// Usage: supervisor-killer SIGNAL COUNT SEED MICROSECONDS PROGRAM [ARGUMENT...]. Prints "STATUS COUNT" for each exit status, 128 and more
// for signals, and "killed COUNT". With a COUNT of 0 the program is started once. As long as it runs, one of its two such processes gets
// the signal again and again. With SIGSTOP it is the one that isn't the standby, and the other one must end it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;
static int signal_number;

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

// The contents of a file of /proc/PID.
static char *contents(pid_t process, const char *name, char text[4096]) {
  char path[64];
  snprintf(path, sizeof path, name, process, process);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t size = file < 0 ? 0 : read(file, text, 4095);
  if (file >= 0) close(file);
  text[size < 0 ? 0 : size] = 0;
  return text;
}

// Whether it runs, and has a supervisor's name.
static int is_supervisor(pid_t process) {
  char text[4096];
  char *name = strchr(contents(process, "/proc/%d/stat", text), '('), *end = strrchr(text, ')');
  if (name == NULL || end == NULL || end[2] == 'Z' || end[2] == 'X') return 0;
  return strncmp(name, "(vdso-", 6) == 0;
}

static int add_children(pid_t parent, pid_t known, pid_t found[64], int count) {
  char text[4096], *place;
  for (char *word = strtok_r(contents(parent, "/proc/%d/task/%d/children", text), " ", &place);
       word != NULL && count < 64; word = strtok_r(NULL, " ", &place)) {
    pid_t child = atoi(word);
    if (child == known || !is_supervisor(child)) continue;
    found[count++] = child;
    count = add_children(child, known, found, count);
  }
  return count;
}

// Finds the supervisors, each before its standby, at most 64. Returns their number.
static int others(pid_t known, pid_t found[64]) {
  return add_children(known, known, found, add_children(getpid(), known, found, 0));
}

static int kill_one(pid_t known) {
  pid_t found[64];
  int count = others(known, found);
  return count > 0 && kill(found[next_random() % (uint64_t)count], signal_number) == 0;
}

static void wait_randomly(uint64_t span) {
  int64_t moment = now() + (int64_t)(next_random() % span);
  while (now() < moment) {
  }
}

// Waits until a process has ended. One that has no standby any more is ending, and goes on.
static void wait_for_end(pid_t process) {
  pid_t found[64];
  struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, process, 0), .events = POLLIN};
  while (end.fd >= 0 && poll(&end, 1, 2000) <= 0)
    if (signal_number == SIGSTOP && add_children(process, 0, found, 0) == 0) kill(process, SIGCONT);
  close(end.fd);
}

// Sends signals while the program runs, and returns its status.
static int kill_repeatedly(pid_t child, uint64_t span, int *killed) {
  int status;
  pid_t found[64], standby[64], gone;
  for (;;) {
    while ((gone = waitpid(-1, &status, WNOHANG)) > 0)
      if (gone == child) return status;
    // A standby that lost to another one is about to end.
    if (others(child, found) != 2 || add_children(found[0], child, standby, 0) != 1) continue;
    wait_randomly(span);
    pid_t victim = found[signal_number == SIGSTOP ? 0 : next_random() & 1];
    *killed += kill(victim, signal_number) == 0;
    // A process that is dying doesn't count.
    wait_for_end(victim);
  }
}

static int has_ended(pid_t child) {
  siginfo_t information = {.si_pid = 0};
  return waitid(P_PID, (id_t)child, &information, WEXITED | WNOHANG | WNOWAIT) != 0 || information.si_pid != 0;
}

static int kill_once(pid_t child, uint64_t span, int *killed) {
  int status;
  pid_t found[64];
  while (others(child, found) == 0 && !has_ended(child)) sched_yield();
  wait_randomly(span);
  *killed += kill_one(child);
  while (waitpid(child, &status, 0) == -1 && errno == EINTR) {
  }
  while (waitpid(-1, NULL, 0) > 0) {
  }
  return status;
}

int main(int count, char **arguments) {
  static int counts[256];
  if (count < 6) return 99;
  signal_number = atoi(arguments[1]);
  arguments++;
  int rounds = atoi(arguments[1]), killed = 0;
  state = strtoull(arguments[2], NULL, 10);
  uint64_t span = strtoull(arguments[3], NULL, 10) * 1000;
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (int i = 0; i < (rounds ? rounds : 1); i++) {
    pid_t child = fork();
    if (child == 0) {
      execvp(arguments[4], arguments + 4);
      _exit(99);
    }
    int status = rounds ? kill_once(child, span, &killed) : kill_repeatedly(child, span, &killed);
    counts[WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)]++;
  }
  for (int i = 0; i < 256; i++)
    if (counts[i] != 0) printf("%d %d\n", i, counts[i]);
  printf("killed %d\n", killed);
  return 0;
}
