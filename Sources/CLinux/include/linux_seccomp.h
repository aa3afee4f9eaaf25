// SPDX-License-Identifier: Apache-2.0

// Notification of chosen system calls of a process and its descendants, before the kernel acts on them.
// Each function returns a negated error number on failure.

#ifndef LINUX_SECCOMP_H
#define LINUX_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A task that waits in a system call for an answer. The corresponding C structures are `seccomp_notif` and `seccomp_data`.
struct linux_notification {
  uint64_t id;
  /// The thread's id in the receiver's PID namespace, 0 if it has none there.
  uint32_t thread;
  uint32_t flags;
  int32_t number;
  /// The system call table of the number: an audit architecture.
  uint32_t architecture;
  uint64_t instruction_pointer;
  uint64_t arguments[6];
};

/// Filters the system calls of this process and all its descendants. Selected calls wait for the listener, which reads the returned
/// descriptor, closed on exec.
///
/// `instructions` are `count` instructions of a socket filter, 8 bytes each. The filter is installed without `no_new_privs` if the process
/// has CAP_SYS_ADMIN. Otherwise, if `may_give_up_rights` is set, it is installed with `no_new_privs`: set-user-ID programs gain no
/// privileges from then on. Fails with `-EACCES` otherwise, and with `-EBUSY` if another listener is installed. Unanswered calls fail with
/// ENOSYS once no process holds the descriptor. The filter can't be removed. The corresponding C constant is
/// `SECCOMP_FILTER_FLAG_NEW_LISTENER`.
int linux_listen_for_calls(const uint64_t *instructions, size_t count, bool may_give_up_rights);

/// The calls by which another process is made to do so, in all its threads: that of the filter, flags first for kernels that keep a call
/// waiting through signals, and what gives up rights. The corresponding C constant is `SECCOMP_FILTER_FLAG_TSYNC`.
enum {
  LINUX_SECCOMP_SET_FILTER = 1,
  LINUX_SECCOMP_ALL_THREADS = 1 | 1 << 3 | 1 << 4,
  LINUX_SECCOMP_WAIT_KILLABLE = 1 << 5,
  LINUX_NO_NEW_PRIVILEGES = 38,
};

/// Has listener and tasks share a processor, where the kernel can.
void linux_tune_listener(int listener);

/// Waits for a notification and stores it in `notification`; `-ENOENT` if the task is gone meanwhile.
int linux_receive_call(int listener, struct linux_notification *notification);

/// Lets the call go on as if it had not been intercepted. The corresponding C constant is `SECCOMP_USER_NOTIF_FLAG_CONTINUE`.
int linux_continue_call(int listener, uint64_t id);

/// Ends the call with `result`, an error number negated.
int linux_answer_call(int listener, uint64_t id, int64_t result);

/// Ends the call with a copy of `fd` in the task, closed on exec, as its result: as the descriptor of that number unless it is 0.
///
/// The corresponding C constant is `SECCOMP_IOCTL_NOTIF_ADDFD`.
int linux_answer_call_with_descriptor(int listener, uint64_t id, int fd, int number);

/// The same by one step, without waking the task twice. If a signal interrupts it, the call may return 0 and the task have no copy.
///
/// The corresponding C constant is `SECCOMP_ADDFD_FLAG_SEND`.
int linux_answer_call_with_descriptor_at_once(int listener, uint64_t id, int fd, int number);

/// 0 if the task still waits for the answer to a call that was received, by this process or another.
///
/// The corresponding C constant is `SECCOMP_IOCTL_NOTIF_ID_VALID`.
int linux_check_waiting(int listener, uint64_t id);

#endif
