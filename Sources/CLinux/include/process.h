// SPDX-License-Identifier: Apache-2.0

// Process functions that Swift's Glibc module lacks or declares unavailable.

#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/// Wait for threads too. The corresponding C constant is `__WALL`.
enum { LINUX_WAIT_ALL = 0x40000000 };

/// Flags of a new process. The corresponding C constants are `CLONE_VM`, `CLONE_VFORK` and `CLONE_NEWUSER`.
enum { LINUX_CLONE_VM = 0x100, LINUX_CLONE_VFORK = 0x4000, LINUX_CLONE_NEWUSER = 0x10000000 };

/// Makes a copy of this process, which must have one thread: the child's id in the parent, 0 in the child, -1 and
/// `errno` on failure.
///
/// The corresponding C function is `fork`.
int linux_fork(void);

/// Makes a copy of this process, which must have one thread. The copy blocks all signals that can be blocked. Returns the copy's id in this
/// process, 0 in the copy, and -1 with `errno` on failure.
///
/// The copy is a child that sends no signal at its end. A wait for children ignores it unless it asks for all kinds (`__WALL`), or the
/// parent has executed a program in between: then the copy sends SIGCHLD.
int linux_fork_hidden(void);

/// Makes such a copy, but as a child of the process that adopts orphans. No signal reports its end.
int linux_fork_orphan(void);

/// Executes `body` in another process, which shares the memory and descriptors of this one, and meanwhile waits. That process is killed if
/// this one is. Returns 0 when it has ended, or a negated error number: -ECHILD if it was killed.
int linux_run_apart(void (*body)(void *context), void *context);

/// The process that waits for this one in `linux_run_apart`; 0 if there is none.
int linux_waiting_process(void);

/// Whether this process is the one that adopts orphans among its descendants. The corresponding C constant is
/// `PR_GET_CHILD_SUBREAPER`.
bool linux_adopts_orphans(void);

/// Waits until a child, given by its descriptor or its id, has ended, and reaps it. Returns at once if it is no child.
void linux_reap(int process);
void linux_reap_child(int pid);

/// Replaces `old` by `count` in memory that processes share, in one step; whether it was `old`.
bool linux_replace_count(long *number, long old, long count);

/// A copy of descriptor `fd` of another process, closed on exec, or a negated error number. Since Linux 5.6. The caller needs the right to
/// trace the process. The corresponding C function is `pidfd_getfd`.
int linux_descriptor_of(int process, int fd);

/// Where Yama restricts tracing: lets every process of the same user trace this one, or only those that always may. The corresponding C
/// constant is `PR_SET_PTRACER`.
void linux_allow_tracers(bool all);

/// Whether processes of the same rights may trace this one. The corresponding C constant is `PR_GET_DUMPABLE`.
bool linux_is_traceable(void);

/// Opens this process's memory and descriptors to processes of the same rights.
void linux_permit_tracers(void);

/// Closes this process's memory and descriptors to all processes except privileged ones. The corresponding C constant is `PR_SET_DUMPABLE`.
void linux_forbid_tracers(void);

/// Raises this process's soft limit of a resource to the hard one. The corresponding C function is `setrlimit`.
enum { LINUX_LIMIT_STACK = 3 };
void linux_raise_limit(int resource);

/// Takes the pages of the program's code that were used so far out of this process's memory: it gets them again, without reading the
/// disk, when it next uses them. The kernel maps sixteen pages where one is used. The corresponding C constant is `MADV_DONTNEED`.
void linux_unmap_used_code(void);

/// Whether this process may trace those of other users. The corresponding C constant is `CAP_SYS_PTRACE`.
bool linux_may_trace_others(void);

/// Sets the real user and group of this thread; the effective ones stay. Privileged. The corresponding C functions are
/// `setresuid` and `setresgid`.
void linux_set_real_ids(uint32_t user, uint32_t group);

/// Whether this process may set the machine's clock, or a program that it executes may obtain that right. The corresponding C constant is
/// `CAP_SYS_TIME`.
bool linux_may_set_clock(void);

/// Gives up that right, as far as this process can; if programs could still get it, `waives_rights` sets `no_new_privs`.
void linux_give_up_setting_clock(bool waives_rights);

/// Whether execve gives this process no new rights. The corresponding C constant is `PR_GET_NO_NEW_PRIVS`.
bool linux_has_no_new_privileges(void);

/// A descriptor that reads pending SIGCHLDs without ever waiting, or -1 and `errno`. SIGCHLD must be blocked.
enum { LINUX_SIGNAL_RECORD_SIZE = 128 };
int linux_child_signals(void);

/// Asks a supervisor to trace no thread of `process` for a second; by a signal of which the kernel keeps one, so that it may have to be
/// repeated. Returns whether it was sent. The corresponding C function is `sigqueue`.
bool linux_ask_to_leave(int supervisor, int process);

/// The process that such a signal names, by a record of the descriptor of signals; 0 for another signal.
int linux_asked_to_leave(const void *record);

/// Whether `thread` is the first thread of its process.
bool linux_is_first_thread(int thread);

/// Whether a process has this process's clocks; false if that can't be found out. The corresponding C constant is `CLONE_NEWTIME`.
bool linux_shares_time_namespace(int process);

/// Whether a task's descriptor refers to a time namespace; false if that can't be found out.
bool linux_is_time_namespace(int task, int fd);

/// The number of threads of this process; 1 without /proc.
int linux_thread_count(void);

/// Whether this process's children belong to another pid namespace than it does, as after unshare(CLONE_NEWPID) without fork.
bool linux_children_are_elsewhere(void);

/// A descriptor that becomes readable when process `pid` ends, closed on exec, or -1 and `errno`. Since Linux 5.3.
///
/// The corresponding C function is `pidfd_open`.
int linux_process_descriptor(int pid);

/// Declares the 32-bit word at `word`, which holds the calling thread's id, a robust futex that this thread owns: when the thread ends, for
/// any reason, the kernel sets FUTEX_OWNER_DIED in it. One word per process. Returns 0, or -1 and `errno`.
///
/// Takes over the thread's robust list: a program that uses robust mutexes must not call it.
/// The corresponding C function is `set_robust_list`.
int linux_own_robust_word(void *word);

/// Ends the process of a descriptor. The corresponding C function is `pidfd_send_signal` with `SIGKILL`.
void linux_end_process(int process);

/// Names this thread by the first 15 bytes of `name`. The corresponding C function is `prctl` with `PR_SET_NAME`.
void linux_set_name(const char *name);

/// A thread's name.
struct linux_thread_name {
  char text[16];
};

/// This thread's name. The corresponding C function is `prctl` with `PR_GET_NAME`.
struct linux_thread_name linux_name(void);

/// Gives this thread a former name back.
void linux_restore_name(struct linux_thread_name name);

/// Calls `body`, which doesn't return, with these arguments: on this stack, or on memory of its own if this stack may not grow to 512 KiB.
__attribute__((noreturn)) void linux_run_with_room(int count, char **arguments, void (*body)(int, char **));

/// The id of this thread. The corresponding C function is `gettid`.
int linux_thread_id(void);

/// Closes the descriptors from `first` to `last`; without close_range in the kernel, as many as it can.
void linux_close_range(unsigned first, unsigned last);

#endif
