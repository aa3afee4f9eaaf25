// Asks for the process's number in each kind of child: fork, vfork, clone with and without shared memory, a thread.
// Prints each wrong answer; the exit status is 1 if there was one.

#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <vdsoshim.h>

static int is_right(void) { return getpid() == syscall(SYS_getpid); }

static int child(void *argument) {
  (void)argument;
  syscall(SYS_exit_group, is_right() ? 0 : 1);
  return 0;
}

static void *thread(void *argument) {
  *(int *)argument = is_right();
  return NULL;
}

static volatile sig_atomic_t right_in_handler;
static void handler(int signal) {
  struct timespec now;
  right_in_handler = signal == SIGUSR1 && is_right() && clock_gettime(CLOCK_MONOTONIC, &now) == 0;
}

static int wrong(const char *name, pid_t pid) {
  int status = -1;
  waitpid(pid, &status, __WALL);
  if (status != 0) printf("getpid is wrong in a child of %s\n", name);
  return status != 0;
}

int main(void) {
  static char stack[1 << 16] __attribute__((aligned(16)));
  int failures = !is_right();
  pid_t pid = fork();
  if (pid == 0) child(NULL);
  failures += wrong("fork", pid);
  pid = vfork();
  if (pid == 0) child(NULL);
  failures += wrong("vfork", pid);
  failures += wrong("clone", clone(child, stack + sizeof stack, SIGCHLD, NULL));
  failures += wrong("clone with CLONE_VM", clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));
  failures += wrong("clone with CLONE_VM and CLONE_VFORK",
                    clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
  int right = 0;
  pthread_t other;
  if (pthread_create(&other, NULL, thread, &right) != 0 || pthread_join(other, NULL) != 0 || !right) {
    puts("getpid is wrong in a thread");
    failures++;
  }
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  if (!right_in_handler) {
    puts("getpid is wrong in a signal handler");
    failures++;
  }
  if (!is_right()) {
    puts("getpid is wrong after its children");
    failures++;
  }
  return failures != 0;
}
