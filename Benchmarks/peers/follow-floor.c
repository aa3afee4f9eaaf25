// SPDX-License-Identifier: Apache-2.0

// What following a tree costs at least: a supervisor that does only what no supervisor can leave out. Usage: follow-floor LEVEL PROG ARG…
// Each level does what the one before it does, too:
//
//   1  every execve waits for its answer
//   2  the task stops inside execve, when that has succeeded, and is let go
//   3  its registers are read and written, its stack is read, and 4 KiB are written below that
//   4  it asks once more: as its first call of set_tid_address, which waits for an answer

#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// Linux 6.6.
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

static int listen_for_calls(int level) {
  unsigned last = level >= 4 ? SYS_set_tid_address : SYS_execve;
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, last, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
  if (listener >= 0) ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1UL);
  return listener;
}

static void prepare(pid_t task) {
  static char bytes[4096];
  struct user_regs_struct registers;
  ptrace(PTRACE_GETREGS, task, 0, &registers);
  struct iovec own = {bytes, sizeof bytes}, stack = {(void *)registers.rsp, sizeof bytes};
  process_vm_readv(task, &own, 1, &stack, 1, 0);
  struct iovec below = {(void *)(registers.rsp - sizeof bytes), sizeof bytes};
  process_vm_writev(task, &own, 1, &below, 1, 0);
  ptrace(PTRACE_SETREGS, task, 0, &registers);
}

static void follow(int listener, pid_t task, int level) {
  for (;;) {
    struct pollfd ready = {listener, POLLIN, 0};
    if (poll(&ready, 1, -1) < 0 || ready.revents & POLLHUP) return;
    struct seccomp_notif call = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;
    pid_t caller = (pid_t)call.pid;
    // The first program is this process's child and starts the others: no later stop is taken for its end.
    int stops = level >= 2 && call.data.nr == SYS_execve && caller != task &&
                ptrace(PTRACE_SEIZE, caller, 0, PTRACE_O_TRACEEXEC) == 0;
    struct seccomp_notif_resp answer = {.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    if (!stops || waitpid(caller, NULL, __WALL) != caller) continue;
    if (level >= 3) prepare(caller);
    ptrace(PTRACE_DETACH, caller, 0, 0);
  }
}

int main(int count, char **arguments) {
  int level = count > 2 ? atoi(arguments[1]) : 0, ends[2];
  if (level < 1 || level > 4 || pipe(ends) != 0) {
    fprintf(stderr, "usage: follow-floor 1|2|3|4 PROG ARG...\n");
    return 2;
  }
  pid_t task = fork();
  if (task == 0) {
    int listener = listen_for_calls(level);
    if (write(ends[1], &listener, sizeof listener) != sizeof listener || listener < 0) _exit(1);
    // Until the supervisor has it: then there is one end of it, and the other process's.
    char byte;
    close(ends[1]);
    raise(SIGSTOP);
    if (read(ends[0], &byte, 1) != 0) _exit(1);
    close(listener);
    execv(arguments[2], arguments + 2);
    _exit(127);
  }
  int number, status;
  close(ends[1]);
  if (task < 0 || read(ends[0], &number, sizeof number) != sizeof number || number < 0) return 1;
  waitpid(task, &status, WUNTRACED);
  int listener = (int)syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, task, 0), number, 0);
  if (listener < 0) return 1;
  kill(task, SIGCONT);
  follow(listener, task, level);
  return waitpid(task, &status, 0) == task && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
