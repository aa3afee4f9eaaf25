// SPDX-License-Identifier: Apache-2.0

// Tests waits that are interrupted by a signal handler, by a stop and a continuation, and by another thread's execve and exit. Prints the
// number of failures.

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failures, sent;
static volatile sig_atomic_t handled;

static void expect(int condition, const char *claim) {
  if (condition) return;
  printf("not true: %s\n", claim);
  failures++;
}

static void handle(int number) {
  (void)number;
  char room[4096];
  memset(room, 0x5a, sizeof room);  // what lay below the stack is gone
  __asm__ volatile("" : : "r"(room) : "memory");
  handled++;
}

static int64_t now(clockid_t id) {
  struct timespec time;
  clock_gettime(id, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct timespec later(clockid_t id, long milliseconds) {
  int64_t time = now(id) + milliseconds;
  return (struct timespec){time / 1000, time % 1000 * 1000000};
}

// Starts a process that sends two signals to this process, a number of milliseconds of its own clock apart.
static pid_t sender(int first, int second, long milliseconds) {
  pid_t child = fork();
  if (child != 0) return child;
  struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&pause, NULL);
  kill(getppid(), first);
  if (second) {
    nanosleep(&pause, NULL);
    kill(getppid(), second);
  }
  _exit(0);
}

static void *wait_for_ever(void *unused) {
  struct timespec time = later(CLOCK_REALTIME, 100000000);
  clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL);
  return unused;
}

// A handler ends a sleep, which returns the time left by the program's clock.
static int interrupted_sleep(void) {
  int64_t before = now(CLOCK_MONOTONIC);
  pid_t child = sender(SIGUSR1, 0, 2000);
  sent++;
  int64_t start = now(CLOCK_MONOTONIC);
  struct timespec time = {10, 0}, rest = {0, 0};
  int result = nanosleep(&time, &rest), error = errno;
  int64_t end = now(CLOCK_MONOTONIC), left = rest.tv_sec * 1000 + rest.tv_nsec / 1000000;
  waitpid(child, NULL, 0);
  expect(time.tv_sec == 10 && time.tv_nsec == 0, "the program's own structure stays as it was");
  // The signal came before the sleep began, or after its end.
  if (end - before >= 10000) return 0;
  expect(result == -1 && error == EINTR, "a signal interrupts nanosleep");
  expect(end - before >= 2000, "a signal interrupts nanosleep not before it comes");
  expect(end - before + left >= 9000, "what is left is not less than what wasn't slept");
  return end - start + left <= 12000;
}

// A stop and a continuation don't end a wait, nor make it shorter.
static int stopped_sleep(void) {
  int64_t start = now(CLOCK_REALTIME);
  pid_t child = sender(SIGSTOP, SIGCONT, 1000);
  struct timespec time = later(CLOCK_REALTIME, 5000);
  expect(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL) == 0, "a stop does not end a sleep");
  int64_t gained = now(CLOCK_REALTIME) - start;
  expect(gained >= 5000, "a sleep that was stopped does not end before its deadline");
  waitpid(child, NULL, 0);
  return gained < 20000;
}

// A wait that is restarted after a handler is measured by the program's clock again.
static int restarted_wait(void) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  int64_t start = now(CLOCK_REALTIME);
  pid_t child = sender(SIGUSR2, SIGUSR1, 1000);
  sent += 2;
  struct timespec time = later(CLOCK_REALTIME, 5000);
  int result;
  do result = pthread_cond_timedwait(&condition, &mutex, &time);
  while (result == 0);
  int64_t gained = now(CLOCK_REALTIME) - start;
  pthread_mutex_unlock(&mutex);
  expect(result == ETIMEDOUT && gained >= 5000,
         "a wait goes on after handlers, and not for less than until its deadline");
  waitpid(child, NULL, 0);
  return gained < 20000;
}

// A wait that ends late is tried again, because the machine may be busy. A wait that ends early is wrong at once.
static void in_time(int (*wait)(void), const char *claim) {
  for (int attempt = 0; attempt < 5; attempt++) {
    if (wait()) return;
  }
  expect(0, claim);
}

int main(int count, char **arguments) {
  (void)count;
  // The process that started this one may have blocked signals.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  struct sigaction action = {.sa_handler = handle};
  sigaction(SIGUSR1, &action, NULL);
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &action, NULL);

  in_time(interrupted_sleep, "a signal interrupts nanosleep when it comes, and what is left is what wasn't slept");
  in_time(stopped_sleep, "a sleep that was stopped lasts until its deadline");
  in_time(restarted_wait, "a wait goes on after handlers until its deadline");
  expect(handled == sent, "each handler ran once");

  printf("%d failures\n", failures);
  fflush(stdout);
  // Another thread waits while the process executes a program.
  pthread_t thread;
  pthread_create(&thread, NULL, wait_for_ever, NULL);
  struct timespec moment = {0, 300000000};
  nanosleep(&moment, NULL);
  execl("/bin/echo", "echo", arguments[0] ? "executed" : "", (char *)NULL);
  return 1;
}
