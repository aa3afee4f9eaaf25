// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clinux.h"

bool linux_adopts_orphans(void) {
  int adopts = 0;
  return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) == 0 && adopts);
}

bool linux_replace_count(long *number, long old, long count) {
  return __atomic_compare_exchange_n(number, &old, count, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

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

// Of glibc's <sys/single_threaded.h>; a program that is linked with another C library defines it.
extern char __libc_single_threaded;

int linux_thread_count(void) {
  struct stat tasks;
  // An emulator that runs this process has threads of its own, which don't count.
  if (__libc_single_threaded) return 1;
  return stat("/proc/self/task", &tasks) == 0 ? (int)tasks.st_nlink - 2 : 1;
}

bool linux_children_are_elsewhere(void) {
  const char *path = "/proc/self/ns/pid_for_children";
  char own[32], theirs[32];
  struct stat status;
  // The links' texts, because stat would make inodes for both namespaces.
  ssize_t length = readlink("/proc/self/ns/pid", own, sizeof own);
  if (length < 0) return false;
  ssize_t count = readlink(path, theirs, sizeof theirs);
  // A namespace has no file before its first process, only the link.
  return count >= 0 ? count != length || memcmp(own, theirs, (size_t)length) != 0 : lstat(path, &status) == 0;
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
