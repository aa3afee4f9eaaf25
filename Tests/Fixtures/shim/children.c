// SPDX-License-Identifier: Apache-2.0

// Calls getpid in each kind of child: after fork, vfork, clone with and without shared memory, in a thread, and in a child made by
// posix_spawn. Prints each wrong result; exits with 1 if there was one.

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
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

// A child of vfork whose own child is killed while the two wait.
static pid_t nested_vfork(void) {
  pid_t pid = vfork();
  if (pid == 0) {
    pid_t inner = vfork();
    if (inner == 0) {
      if (!is_right()) syscall(SYS_exit_group, 1);
      kill(syscall(SYS_getpid), SIGKILL);
    }
    int status = 0;
    waitpid(inner, &status, 0);
    syscall(SYS_exit_group, is_right() && WIFSIGNALED(status) ? 0 : 1);
  }
  return pid;
}

static pid_t cloned_pid, parent_number, child_number;
static int report(void *argument) {
  cloned_pid = (pid_t)syscall(SYS_getpid);
  return argument == &cloned_pid ? 42 : 1;
}

// The result, arguments, stored ids and errors of clone must be libc's.
static int clone_is_wrong(char *top) {
  int status = 0;
  pid_t pid = clone(report, top, CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD,
                    &cloned_pid, &parent_number, NULL, &child_number);
  int wrong = pid <= 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 42 ||
              cloned_pid != pid || parent_number != pid || child_number != pid;
  errno = 0;
  wrong |= clone(NULL, top, SIGCHLD, NULL) != -1 || errno != EINVAL;
  errno = 0;
  wrong |= clone(report, NULL, SIGCHLD, NULL) != -1 || errno != EINVAL;
  errno = 0;
  wrong |= clone(report, top, CLONE_VM | CLONE_FS | CLONE_NEWNS | SIGCHLD, NULL) != -1 || errno != EINVAL;
  if (wrong) puts("clone differs from libc's");
  return wrong;
}

// The library's own report about getpid; true if no page serves it at all.
static int is_served(void) { return strcmp(vdsoshim_resolution("getpid"), "trap: a child shares this memory") != 0; }

int main(void) {
  static char stack[1 << 16] __attribute__((aligned(16)));
  int failures = !is_right() || !is_served();
  pid_t pid = fork();
  if (pid == 0) child(NULL);
  failures += wrong("fork", pid);
  pid = vfork();
  if (pid == 0) child(NULL);
  failures += wrong("vfork", pid);
  failures += wrong("a child of vfork and its own", nested_vfork());
  char *arguments[] = {"true", NULL};
  failures += posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, NULL) != 0 || wrong("posix_spawn", pid);
  failures += clone_is_wrong(stack + sizeof stack);
  if (!is_served()) {
    puts("getpid asks the kernel although all children that shared this memory have ended");
    failures++;
  }
  failures += wrong("clone", clone(child, stack + sizeof stack, SIGCHLD, NULL));
  failures += wrong("clone with CLONE_VM and CLONE_VFORK",
                    clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
  failures += !is_served();
  failures += wrong("clone with CLONE_VM", clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));
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
