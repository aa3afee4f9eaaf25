// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clinux.h"

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

// Blocks all signals that can be blocked. A process that is started afterwards blocks them from its first instruction on.
static bool block_signals(sigset_t *before) {
  sigset_t all;
  sigfillset(&all);
  return sigprocmask(SIG_SETMASK, &all, before) == 0;
}

int linux_fork_hidden(void) {
  sigset_t mask;
  if (!block_signals(&mask)) return -1;
  // The clone flags 0 mean: no exit signal.
  long child = linux_syscall(SYS_clone, 0, 0, 0, 0, 0, 0);
  // Emulators of user programs (qemu-user) don't support such a child.
  if (child == -EINVAL) child = linux_syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (child == 0) return 0;
  sigprocmask(SIG_SETMASK, &mask, NULL);
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
  sigset_t mask;
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
  sigprocmask(SIG_SETMASK, &mask, NULL);
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

bool linux_adopts_orphans(void) {
  int adopts = 0;
  return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) == 0 && adopts);
}

bool linux_replace_count(long *number, long old, long count) {
  return __atomic_compare_exchange_n(number, &old, count, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void linux_reap(int process) {
  siginfo_t information;
  while (waitid(3 /* P_PIDFD */, (id_t)process, &information, WEXITED | __WALL) != 0 && errno == EINTR) {
  }
}

void linux_reap_child(int pid) { wait_for_child(pid); }

int linux_descriptor_of(int process, int fd) {
  return (int)linux_syscall(438 /* pidfd_getfd */, process, fd, 0, 0, 0, 0);
}

void linux_allow_tracers(bool all) { prctl(PR_SET_PTRACER, all ? PR_SET_PTRACER_ANY : 0, 0, 0, 0); }

struct capabilities {
  struct __user_cap_header_struct header;
  struct __user_cap_data_struct data[2];
};

static bool read_capabilities(struct capabilities *own) {
  *own = (struct capabilities){{_LINUX_CAPABILITY_VERSION_3, 0}, {{0}}};
  return syscall(SYS_capget, &own->header, own->data) == 0;
}

bool linux_may_trace_others(void) {
  struct capabilities own;
  return read_capabilities(&own) && (own.data[0].effective >> CAP_SYS_PTRACE & 1);
}

static bool may_gain_setting_clock(void) {
  return prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) == 1 && !linux_has_no_new_privileges();
}

bool linux_may_set_clock(void) {
  struct capabilities own;
  return may_gain_setting_clock() || (read_capabilities(&own) && (own.data[0].permitted >> CAP_SYS_TIME & 1));
}

void linux_give_up_setting_clock(bool waives_rights) {
  // This needs CAP_SETPCAP.
  prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0);
  struct capabilities own;
  if (read_capabilities(&own)) {
    uint32_t others = ~(UINT32_C(1) << CAP_SYS_TIME);
    own.data[0].effective &= others;
    own.data[0].permitted &= others;
    own.data[0].inheritable &= others;
    syscall(SYS_capset, &own.header, own.data);
  }
  if (waives_rights && may_gain_setting_clock()) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

// libc's functions would change the ids of all threads.
void linux_set_real_ids(uint32_t user, uint32_t group) {
  linux_syscall(SYS_setresgid, (long)(int)group, -1, -1, 0, 0, 0);
  linux_syscall(SYS_setresuid, (long)(int)user, -1, -1, 0, 0, 0);
}

bool linux_has_no_new_privileges(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

int linux_child_signals(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool linux_ask_to_leave(int supervisor, int process) {
  return sigqueue(supervisor, SIGCHLD, (union sigval){.sival_int = process}) == 0;
}

int linux_asked_to_leave(const void *record) {
  const struct signalfd_siginfo *signal = record;
  return signal->ssi_code == SI_QUEUE ? signal->ssi_int : 0;
}

bool linux_is_first_thread(int thread) { return linux_syscall(SYS_tgkill, thread, thread, 0, 0, 0, 0) != -ESRCH; }

bool linux_shares_time_namespace(int process) {
  char path[40];
  struct stat own, other;
  snprintf(path, sizeof path, "/proc/%d/ns/time", process);
  if (stat("/proc/self/ns/time", &own) != 0) return true;
  return stat(path, &other) == 0 && own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

bool linux_is_time_namespace(int task, int fd) {
  char path[40], target[8];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", task, fd);
  long count = linux_syscall(SYS_readlinkat, AT_FDCWD, (long)path, (long)target, sizeof target, 0, 0);
  return count > 5 && memcmp(target, "time:", 5) == 0;
}

int linux_thread_count(void) {
  struct stat tasks;
  // An emulator that runs this process has threads of its own, which don't count.
  if (__libc_single_threaded) return 1;
  return stat("/proc/self/task", &tasks) == 0 ? (int)tasks.st_nlink - 2 : 1;
}

bool linux_children_are_elsewhere(void) {
  const char *path = "/proc/self/ns/pid_for_children";
  struct stat own, theirs;
  if (stat("/proc/self/ns/pid", &own) != 0) return false;
  // A namespace has no file before its first process, only the link.
  return stat(path, &theirs) == 0 ? own.st_ino != theirs.st_ino : lstat(path, &theirs) == 0;
}

int linux_process_descriptor(int pid) { return (int)syscall(434 /* pidfd_open */, pid, 0); }

bool linux_is_traceable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1; }

void linux_forbid_tracers(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

void linux_permit_tracers(void) { prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }

void linux_end_process(int process) { linux_syscall(424 /* pidfd_send_signal */, process, SIGKILL, 0, 0, 0, 0); }

void linux_raise_limit(int resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(resource, &limit);
}

void linux_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

struct linux_thread_name linux_name(void) {
  struct linux_thread_name name = {""};
  prctl(PR_GET_NAME, name.text, 0, 0, 0);
  return name;
}

void linux_restore_name(struct linux_thread_name name) { linux_set_name(name.text); }

int linux_thread_id(void) { return (int)syscall(SYS_gettid); }

// The list has one node, this one. The kernel finds the word at the node plus futex_offset.
static struct robust_list node;
static struct robust_list_head head;

int linux_own_robust_word(void *word) {
  node.next = &head.list;
  head.list.next = &node;
  head.futex_offset = (char *)word - (char *)&node;
  head.list_op_pending = 0;
  return (int)syscall(SYS_set_robust_list, &head, sizeof head);
}

void linux_close_range(unsigned first, unsigned last) {
  if (first > last || syscall(436 /* close_range */, first, last, 0) == 0) return;
  unsigned limit = (unsigned)sysconf(_SC_OPEN_MAX);
  for (unsigned fd = first; fd <= last && fd < limit; fd++) close((int)fd);
}
