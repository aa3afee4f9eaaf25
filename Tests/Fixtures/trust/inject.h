// SPDX-License-Identifier: Apache-2.0

// The parts of inject.c: names of system calls and errors, and the observation of a process tree call by call.

#ifndef INJECT_H
#define INJECT_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 20, FLAG_WAIT_KILLABLE = 1 << 5 };

struct name {
  const char *text;
  long number;
};

static const struct name calls[] = {
#define CALL(name) \
  { #name, SYS_##name }
    CALL(arch_prctl),
    CALL(brk),
    CALL(clone),
    CALL(clone3),
    CALL(close),
    CALL(close_range),
    CALL(execve),
    CALL(faccessat2),
    CALL(fcntl),
    CALL(fork),
    CALL(ftruncate),
    CALL(getrandom),
    CALL(ioctl),
    CALL(madvise),
    CALL(memfd_create),
    CALL(mmap),
    CALL(mprotect),
    CALL(openat),
    CALL(pidfd_getfd),
    CALL(pidfd_open),
    CALL(poll),
    CALL(prctl),
    CALL(pread64),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(ptrace),
    CALL(read),
    CALL(readlink),
    CALL(recvmsg),
    CALL(rseq),
    CALL(rt_sigaction),
    CALL(seccomp),
    CALL(sendmsg),
    CALL(set_robust_list),
    CALL(set_tid_address),
    CALL(setsid),
    CALL(signalfd4),
    CALL(socketpair),
    CALL(wait4),
    CALL(write),
    {"mseal", 462},
#undef CALL
};

static const struct name errors[] = {
    {"EPERM", EPERM},   {"EINTR", EINTR},   {"EAGAIN", EAGAIN}, {"ENOMEM", ENOMEM},
    {"EACCES", EACCES}, {"EFAULT", EFAULT}, {"EINVAL", EINVAL}, {"ENFILE", ENFILE},
    {"EMFILE", EMFILE}, {"ENOSPC", ENOSPC}, {"ENOSYS", ENOSYS},
};

// The calls, of those made here, that may fail with EINTR according to the manual.
static const int interruptible[] = {SYS_openat, SYS_read,  SYS_write, SYS_wait4,     SYS_recvmsg, SYS_sendmsg,
                                    SYS_poll,   SYS_ioctl, SYS_dup2,  SYS_getrandom, SYS_pread64, SYS_ftruncate};

// Calls that never fail, or that have their effect even if they fail, and calls without which nothing can be reported any more.
static const int infallible[] = {SYS_getpid,  SYS_gettid, SYS_getuid, SYS_geteuid,    SYS_getgid,
                                 SYS_getegid, SYS_close,  SYS_exit,   SYS_exit_group, SYS_rt_sigreturn};

static long number_of(const struct name *names, size_t count, const char *text) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i].text, text) == 0) return names[i].number;
  fprintf(stderr, "inject: unknown name %s\n", text);
  exit(98);
}

static inline long call_number(const char *text) { return number_of(calls, sizeof calls / sizeof *calls, text); }
static inline int error_number(const char *text) {
  return (int)number_of(errors, sizeof errors / sizeof *errors, text);
}

struct plan {
  enum { NOTHING, COUNT, AT, INTERRUPT } mode;
  long at;
  int error;
};

// The program calls getpgid(MARK) when it begins: calls before that are the loader's.
enum { MARK = 0x5ca1ab1e };

static long call_count;
static uint32_t marked;

// The first program's process, and how often it has begun to execute a program.
static pid_t first;
static int executions;

static int is_one_of(const int *numbers, size_t size, int number) {
  for (size_t i = 0; i < size / sizeof *numbers; i++)
    if (numbers[i] == number) return 1;
  return 0;
}

// The error that a call is to fail with, 0 for none.
static int fault(const struct seccomp_notif *notice, const struct plan *plan) {
  static uint8_t turns[1 << 16];
  int number = notice->data.nr;
  if ((pid_t)notice->pid == first && number == SYS_execve && notice->data.args[0] != 0) executions++;
  if (number == SYS_getpgid && (uint32_t)notice->data.args[0] == MARK) marked = notice->pid;
  int asks_flags = number == SYS_fcntl && notice->data.args[1] == F_GETFD;
  if (notice->pid == marked || asks_flags || is_one_of(infallible, sizeof infallible, number)) return 0;
  call_count++;
  if (plan->mode == AT && call_count == plan->at) {
    if (getenv("INJECT_SHOW")) fprintf(stderr, "inject: call %d of %u\n", number, notice->pid);
    return plan->error;
  }
  // A traced task writes to memory between its execve and its first instruction. Only its death interrupts that.
  int is_starting = (pid_t)notice->pid == first && executions > 1;
  if (plan->mode == INTERRUPT && is_one_of(interruptible, sizeof interruptible, number) && !is_starting)
    return turns[notice->pid & 0xffff]++ & 1 ? 0 : EINTR;
  return 0;
}

static void answer(int listener, const struct plan *plan) {
  struct seccomp_notif notice = {0};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) return;
  int error = fault(&notice, plan);
  struct seccomp_notif_resp response = {
      .id = notice.id, .error = -error, .flags = error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  // brk reports no error: on failure it returns the present end of memory instead of the requested one.
  if (notice.data.nr == SYS_brk) response.error = 0;
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

// Ends all processes that are left. They become this process's children when their parents end.
static void end_all(void) {
  do {
    FILE *children = fopen("/proc/thread-self/children", "r");
    for (int child; children != NULL && fscanf(children, "%d", &child) == 1;) kill(child, SIGKILL);
    if (children != NULL) fclose(children);
  } while (wait(NULL) > 0);
}

static inline int watch(int listener, pid_t program, const struct plan *plan, int report) {
  first = program;
  time_t end = time(NULL) + PATIENCE;
  int status = 99 << 8;
  for (;;) {
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    int count = poll(&ready, 1, 1000);
    if (count > 0 && ready.revents & POLLIN) {
      answer(listener, plan);
      continue;
    }
    if (count > 0 && ready.revents & POLLHUP) break;  // no process is left
    if (time(NULL) >= end) {
      if (report >= 0) dprintf(report, "%ld hangs\n", call_count);
      end_all();
      return 99;
    }
  }
  int child;
  for (int ended; (ended = wait(&child)) > 0;)
    if (ended == program) status = child;
  if (report >= 0) dprintf(report, "%ld\n", call_count);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
