// SPDX-License-Identifier: Apache-2.0

// Notification of chosen system calls of a process and its descendants, before the kernel acts on them.
// Each function returns a negated error number on failure.

#ifndef LINUX_SECCOMP_H
#define LINUX_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A task that waits in a system call. The corresponding C structures are `seccomp_notif` and `seccomp_data`.
struct linux_notification {
  uint64_t id;
  /// The thread, as the receiver sees it; 0 if it can't.
  uint32_t thread;
  uint32_t flags;
  int32_t number;
  /// Which table the number is of: an audit architecture.
  uint32_t architecture;
  uint64_t instruction_pointer;
  uint64_t arguments[6];
};

/// Filters the system calls of this process and all descendants: those that the filter selects wait for the listener on the
/// descriptor that is returned, closed on exec.
///
/// `instructions` are `count` instructions of a socket filter, 8 bytes each.
/// Tried without `no_new_privs`, which takes CAP_SYS_ADMIN, then, if rights may be given up for it, with it: set-user-id programs
/// gain none from then on. `-EACCES` otherwise, `-EBUSY` under another such listener.
/// Unanswered calls fail with ENOSYS once no process holds the descriptor. There is no way back.
/// The corresponding C constant is `SECCOMP_FILTER_FLAG_NEW_LISTENER`.
int linux_listen_for_calls(const uint64_t *instructions, size_t count, bool may_give_up_rights);

/// Waits for a task and writes it to `notification`; `-ENOENT` where the task is gone meanwhile.
int linux_receive_call(int listener, struct linux_notification *notification);

/// Lets the call go on as if it had not been intercepted. The corresponding C constant is `SECCOMP_USER_NOTIF_FLAG_CONTINUE`.
int linux_continue_call(int listener, uint64_t id);

/// Ends the call with `result`, an error number negated.
int linux_answer_call(int listener, uint64_t id, int64_t result);

/// Ends the call with a copy of `fd` in the task, closed on exec, as its result.
///
/// The corresponding C constant is `SECCOMP_IOCTL_NOTIF_ADDFD`.
int linux_answer_call_with_descriptor(int listener, uint64_t id, int fd);

/// 0 if the task still waits for the answer to a call that was received, by this process or another.
///
/// The corresponding C constant is `SECCOMP_IOCTL_NOTIF_ID_VALID`.
int linux_check_waiting(int listener, uint64_t id);

#endif
