// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "call_permissions.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux_memory.h>
#include "memory_file.h"
#include <system_call.h>

// The exit status of a child for which a needed call failed.
enum { FORBIDDEN = 1 };
enum {
  BOTH = LINUX_FOR_TRACING | LINUX_FOR_LOADING,
  TRACING = LINUX_FOR_TRACING,
  LOADING = LINUX_FOR_LOADING,
  CONTROL = LINUX_FOR_CONTROL,
  DATE = LINUX_FOR_WATCHING_DATE
};

struct trial {
  struct linux_own_call call;
  // Whether demo-loader can't work without the call: a filter that makes it fail is as bad as one that kills the process.
  bool is_needed;
  long number, arguments[4];
};

// The arguments change nothing but this process. Where a filter may look at them, they are those of the real call. The numbers of the
// newest calls are in no header yet.
// clang-format off
#define TRIAL(uses, name, ...) {{#name, uses}, false, SYS_##name, {__VA_ARGS__}}
#define NEEDED(uses, name, ...) {{#name, uses}, true, SYS_##name, {__VA_ARGS__}}
// clang-format on
static const struct trial trials[] = {
    NEEDED(BOTH, clone, CLONE_THREAD),
    TRIAL(BOTH, wait4, -1, 0, WNOHANG),
    TRIAL(BOTH, openat, -1),
    TRIAL(BOTH, close, -1),
    TRIAL(BOTH, read, -1),
    TRIAL(BOTH, pread64, -1),
    TRIAL(BOTH, newfstatat, -1),
    {{"faccessat2", BOTH}, false, 439, {-1}},
    TRIAL(LOADING, execveat, -1),
    TRIAL(TRACING, statfs),
    TRIAL(TRACING, getxattr),
    TRIAL(TRACING, readlinkat, -1),
    NEEDED(TRACING, ioctl, -1),
    TRIAL(LOADING, ioctl, -1),
    TRIAL(LOADING, lseek, -1),
    TRIAL(TRACING | LINUX_FOR_RIGHTS, capget),
    TRIAL(BOTH, geteuid),
    NEEDED(BOTH, ppoll, 0, 0, (long)&(const struct timespec){0, 0}),
#if defined(__x86_64__)
    NEEDED(BOTH, poll),
    TRIAL(BOTH, dup2, -1, -1),
    TRIAL(CONTROL, unlink),
    TRIAL(LOADING, readlink),
#endif
    TRIAL(BOTH, prlimit64, 0, RLIMIT_CORE, (long)&(const struct rlimit){0, 0}),
    NEEDED(BOTH, getpid),
    NEEDED(BOTH, memfd_create, (long)"", LINUX_MEMORY_FILE_FLAGS),
    NEEDED(BOTH, ftruncate, -1),
    TRIAL(BOTH, write, -1),
    NEEDED(BOTH, fcntl, -1, LINUX_F_ADD_SEALS, LINUX_SEALS),
    TRIAL(BOTH, fcntl, -1, F_DUPFD, 3),
    NEEDED(BOTH, mmap, 0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS),
    NEEDED(BOTH, mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED),
    TRIAL(BOTH, mprotect, 0, 0, PROT_READ),
    TRIAL(BOTH, munmap, 0),
    TRIAL(BOTH, madvise, 0, 0, 18 /* MADV_WIPEONFORK */),
    NEEDED(BOTH, rt_sigprocmask, -1, 0, 0, 8),
    TRIAL(BOTH, prctl, -1),
    TRIAL(BOTH, rt_sigaction, -1, 0, 0, 8),
    TRIAL(BOTH, clock_gettime, -1),
    TRIAL(BOTH, getrandom),
    {{"mseal", LINUX_FOR_SEALING}, false, 462, {0}},
    TRIAL(LINUX_FOR_RIGHTS, capset),
    NEEDED(TRACING, tgkill, -1, -1),
    TRIAL(TRACING, socketpair, -1),
    TRIAL(TRACING, sendmsg, -1),
    TRIAL(TRACING, recvmsg, -1),
    TRIAL(TRACING, ptrace, -1, 0),
    TRIAL(TRACING, process_vm_readv, 0),
    TRIAL(TRACING, process_vm_writev, 0),
    TRIAL(TRACING, seccomp, -1),
    TRIAL(TRACING, setsid),
    TRIAL(TRACING, madvise, 0, 0, MADV_DONTNEED),
    TRIAL(BOTH, pwrite64, -1),
    TRIAL(TRACING, kcmp, -1, -1),
    TRIAL(TRACING, chdir, (long)"/"),
    TRIAL(TRACING, signalfd4, -1, 0, 0, -1),
    TRIAL(TRACING, dup3, -1, -1),
    TRIAL(TRACING, kill, INT_MIN),
    TRIAL(TRACING, clock_nanosleep, -1),
    TRIAL(TRACING, clock_adjtime, -1),
    {{"pidfd_send_signal", TRACING}, true, 424, {-1}},
    {{"pidfd_open", TRACING | CONTROL}, true, 434, {-1}},
    {{"pidfd_getfd", TRACING}, false, 438, {-1, -1}},
    {{"close_range", TRACING}, false, 436, {1 << 30, 1 << 30}},
    TRIAL(CONTROL, socket, -1),
    TRIAL(CONTROL, bind, -1),
    TRIAL(CONTROL, listen, -1),
    TRIAL(CONTROL, accept4, -1),
    TRIAL(CONTROL, umask, 0177),
    TRIAL(DATE, timerfd_create, -1),
    TRIAL(DATE, timerfd_settime, -1),
    TRIAL(LOADING, personality, -1),
    TRIAL(BOTH, getdents64, -1),
    TRIAL(LOADING, sigaltstack),
    TRIAL(LOADING, set_tid_address),
    TRIAL(LOADING, set_robust_list),
    TRIAL(LOADING, munlockall),
    TRIAL(LOADING, timer_delete, -1),
#if defined(__x86_64__)
    TRIAL(BOTH, arch_prctl, -1),
#endif
    // The last one, because it ends the process in any case.
    NEEDED(TRACING, rt_sigreturn),
};

const size_t linux_own_call_count = sizeof trials / sizeof *trials;

const struct linux_own_call *linux_own_call(size_t index) { return &trials[index].call; }

// The stack pointer is invalid, so the call ends in SIGSEGV.
static void return_from_no_signal(void) {
  signal(SIGSEGV, SIG_DFL);
#if defined(__x86_64__)
  __asm__ volatile("movq %%rsp, %%r12\n\txorl %%esp, %%esp\n\tsyscall\n\tmovq %%r12, %%rsp"
                   :
                   : "a"(SYS_rt_sigreturn)
                   : "rcx", "r11", "r12", "memory");
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = SYS_rt_sigreturn;
  __asm__ volatile("mov x19, sp\n\tmov sp, %1\n\tsvc #0\n\tmov sp, x19" : : "r"(x8), "r"(0L) : "x0", "x19", "memory");
#elif defined(__riscv)
  register long a7 __asm__("a7") = SYS_rt_sigreturn;
  __asm__ volatile("mv s2, sp\n\tli sp, 0\n\tecall\n\tmv sp, s2" : : "r"(a7) : "a0", "s2", "memory");
#endif
}

// Whether this process may wait for a child. A child that shares its memory tries `wait4` first: if that doesn't kill it, it sets
// `is_told`, and this process can reap it.
static bool may_wait(void) {
#if defined(__x86_64__)
  // The child first forbids core files, which would hold this process's memory. It must not return, because both use one stack.
  static const struct rlimit no_core = {0, 0};
  volatile bool is_told = false;
  long child = SYS_clone;
  __asm__ volatile(
      "syscall\n\ttestq %%rax, %%rax\n\tjnz 1f\n\t"
      "movl %[prlimit], %%eax\n\txorl %%edi, %%edi\n\tmovl %[core], %%esi\n\tmovq %[limit], %%rdx\n\txorl %%r10d, "
      "%%r10d\n\tsyscall\n\t"
      "movl %[wait], %%eax\n\tmovq $-1, %%rdi\n\txorl %%esi, %%esi\n\tmovl %[hang], %%edx\n\txorl %%r10d, "
      "%%r10d\n\tsyscall\n\t"
      "movb $1, (%[told])\n\tmovl %[exit], %%eax\n\txorl %%edi, %%edi\n\tsyscall\n\tud2\n1:"
      : "+a"(child)
      : "D"((long)(CLONE_VM | CLONE_VFORK)), "S"(0L),
        "d"(0L), [prlimit] "i"(SYS_prlimit64), [core] "i"(RLIMIT_CORE), [limit] "r"(&no_core), [wait] "i"(SYS_wait4),
        [hang] "i"(WNOHANG), [exit] "i"(SYS_exit_group), [told] "r"(&is_told)
      : "rcx", "r8", "r10", "r11", "memory");
  if (child < 0) return true;
  if (is_told) linux_syscall(SYS_wait4, child, 0, __WALL, 0, 0, 0);
  return is_told;
#else
  return true;
#endif
}

static bool are_forbidden(size_t first, size_t end) {
  // The child has no exit signal, because a process that ignores SIGCHLD can't wait for a child that sends it.
  long child = linux_syscall(SYS_clone, 0, 0, 0, 0, 0, 0);
  if (child == 0) {
    for (size_t i = first; i < end; i++) {
      const struct trial *trial = &trials[i];
      const long *a = trial->arguments;
      long result = -ENOSYS;
      // The fifth argument is -1, an invalid descriptor, for calls that take one there.
      if (trial->number == SYS_rt_sigreturn)
        return_from_no_signal();
      else
        result = linux_syscall(trial->number, a[0], a[1], a[2], a[3], -1, 0);
      if (trial->is_needed && (result == -ENOSYS || result == -EPERM || result == -EACCES))
        linux_syscall(SYS_exit_group, FORBIDDEN, 0, 0, 0, 0, 0);
    }
    linux_syscall(SYS_exit_group, 0, 0, 0, 0, 0, 0);
  }
  // These errors come from a filter that forbids the call. Other errors, such as a limit on processes, don't concern later calls.
  if (child < 0) return child == -ENOSYS || child == -EPERM || child == -EACCES;
  int status = 0;
  long result;
  do result = linux_syscall(SYS_wait4, child, (long)&status, __WALL, 0, 0, 0);
  while (result == -EINTR);
  if (result != child) return false;
  return WIFSIGNALED(status) ? WTERMSIG(status) == SIGSYS : WEXITSTATUS(status) == FORBIDDEN;
}

static bool waits = true;

bool linux_own_calls_are_forbidden(void) {
  waits = may_wait();
  return !waits || are_forbidden(0, linux_own_call_count);
}

bool linux_own_call_is_forbidden(size_t index) {
  return waits ? are_forbidden(index, index + 1) : trials[index].number == SYS_wait4;
}
