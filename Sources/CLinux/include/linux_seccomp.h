// Notice of every execve and execveat of a process and its descendants, before the kernel acts on it.
// Each function returns a negated error number on failure.

#ifndef LINUX_SECCOMP_H
#define LINUX_SECCOMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// A task that waits in execve or execveat. The corresponding C structure is `seccomp_notif`.
struct linux_exec_notice {
  uint64_t id;
  /// The thread, as the receiver sees it; 0 where it can't.
  uint32_t thread;
  uint32_t reserved[17];
};

/// Has the system calls of this process and all descendants wait for who listens: a descriptor, closed on exec.
///
/// Tried without `no_new_privs`, which takes CAP_SYS_ADMIN, then with it. `-EBUSY` under another such listener.
/// Unanswered calls fail with ENOSYS once nobody holds the descriptor. There is no way back.
/// The corresponding C constant is `SECCOMP_FILTER_FLAG_NEW_LISTENER`.
int linux_listen_for_exec(void);

/// Waits for a task and writes it to `notice`; `-ENOENT` where the task is gone meanwhile.
int linux_receive_exec(int listener, struct linux_exec_notice *notice);

/// Lets the call go on as if nobody had listened. The corresponding C constant is `SECCOMP_USER_NOTIF_FLAG_CONTINUE`.
int linux_continue_exec(int listener, uint64_t id);

/// Ends the call with a copy of `fd` in the task, closed on exec, as its result.
///
/// The corresponding C constant is `SECCOMP_ADDFD_FLAG_SEND`.
int linux_answer_exec(int listener, uint64_t id, int fd);

#endif
