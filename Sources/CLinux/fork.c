// SPDX-License-Identifier: Apache-2.0

// Starting processes, and waiting for their ends.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clinux.h"
#include "process.h"

int linux_fork(void) { return fork(); }

// Inline, not by linux_syscall: the child's later calls would overwrite the return address that the parent still needs.
static inline __attribute__((always_inline)) long clone_sharing_memory(void) {
  long flags = CLONE_VM | CLONE_VFORK;
#if defined(__x86_64__)
  long result;
  register long tls __asm__("r8") = 0;
  register long child __asm__("r10") = 0;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(SYS_clone), "D"(flags), "S"(0), "d"(0), "r"(child), "r"(tls)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__riscv) && __riscv_xlen == 64
  register long a7 __asm__("a7") = SYS_clone, a0 __asm__("a0") = flags;
  register long a1 __asm__("a1") = 0, a2 __asm__("a2") = 0, a3 __asm__("a3") = 0, a4 __asm__("a4") = 0;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
  return a0;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = SYS_clone, x0 __asm__("x0") = flags;
  register long x1 __asm__("x1") = 0, x2 __asm__("x2") = 0, x3 __asm__("x3") = 0, x4 __asm__("x4") = 0;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
#endif
}

// Blocks all signals that can be blocked. A process that is started afterwards blocks them from its first instruction on. The C libraries'
// functions leave out signals that they use themselves.
static bool block_signals(uint64_t *before) {
  uint64_t all = UINT64_MAX;
  long result = linux_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)before, sizeof all, 0, 0);
  if (result < 0) errno = (int)-result;
  return result >= 0;
}

static void set_signal_mask(uint64_t mask) {
  linux_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0, 0);
}

int linux_fork_hidden(void) {
  uint64_t mask;
  if (!block_signals(&mask)) return -1;
  // The clone flags 0 mean: no exit signal.
  long child = linux_syscall(SYS_clone, 0, 0, 0, 0, 0, 0);
  // Emulators of user programs (qemu-user) don't support such a child.
  if (child == -EINVAL) child = linux_syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (child == 0) return 0;
  set_signal_mask(mask);
  if (child > 0) return (int)child;
  errno = (int)-child;
  return -1;
}

static void wait_for_child(long pid) {
  while (waitpid((pid_t)pid, NULL, __WALL) == -1 && errno == EINTR) {
  }
}

// In an emulator of user programs no process shares memory, so the intermediate process sends the orphan's id through a pipe.
static long fork_orphan_by_copies(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  long orphan = -ESRCH;
  long between = linux_syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (between == 0) {
    orphan = linux_syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (orphan == 0) return 0;
    linux_syscall(SYS_write, ends[1], (long)&orphan, sizeof orphan, 0, 0, 0);
    linux_syscall(SYS_exit_group, 0, 0, 0, 0, 0, 0);
  }
  close(ends[1]);
  linux_syscall(SYS_read, ends[0], (long)&orphan, sizeof orphan, 0, 0, 0);
  close(ends[0]);
  if (between > 0) wait_for_child(between);
  return orphan;
}

__attribute__((noinline)) int linux_fork_orphan(void) {
  static volatile long orphan;
  uint64_t mask;
  if (!block_signals(&mask)) return -1;
  // The intermediate process shares this one's memory, which saves a copy of the page tables, and ends without a signal.
  orphan = -ESRCH;
  long between = clone_sharing_memory();
  if (between == 0) {
    orphan = linux_syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (orphan == 0) return 0;
    linux_syscall(SYS_exit_group, 0, 0, 0, 0, 0, 0);
  }
  if (between > 0)
    wait_for_child(between);
  else
    orphan = between == -EINVAL ? fork_orphan_by_copies() : between;
  if (orphan == 0) return 0;
  set_signal_mask(mask);
  if (orphan > 0) return (int)orphan;
  errno = (int)-orphan;
  return -1;
}

struct apart {
  void (*body)(void *context);
  void *context;
  pid_t parent;
};

static pid_t waiting;

static int run_apart(void *argument) {
  struct apart *apart = argument;
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid() != apart->parent) return 1;
  // Its waits are short.
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  apart->body(apart->context);
  return 0;
}

int linux_run_apart(void (*body)(void *context), void *context) {
  enum { STACK = 1 << 20, GUARD = 1 << 16 };
  char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) return -errno;
  mprotect(stack, GUARD, PROT_NONE);
  struct apart apart = {body, context, getpid()};
  pid_t before = waiting;
  waiting = apart.parent;
  // Without an exit signal.
  pid_t child = clone(run_apart, stack + STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES, &apart);
  int error = child < 0 ? errno : 0, status = 0;
  while (child > 0 && waitpid(child, &status, __WALL) < 0 && errno == EINTR) {
  }
  waiting = before;
  munmap(stack, STACK);
  return child < 0 ? -error : WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

int linux_waiting_process(void) { return waiting; }

void linux_reap(int process) {
  siginfo_t information;
  while (waitid(3 /* P_PIDFD */, (id_t)process, &information, WEXITED | __WALL) != 0 && errno == EINTR) {
  }
}

void linux_reap_child(int pid) { wait_for_child(pid); }
