// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "linux_seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "clinux.h"

#define SAME_PLACE(ours, kernels) \
  _Static_assert(offsetof(struct linux_notification, ours) == offsetof(struct seccomp_notif, kernels), #ours)
SAME_PLACE(id, id);
SAME_PLACE(thread, pid);
SAME_PLACE(number, data.nr);
SAME_PLACE(architecture, data.arch);
SAME_PLACE(arguments, data.args);
_Static_assert(sizeof(struct linux_notification) == sizeof(struct seccomp_notif), "linux_notification");
_Static_assert(sizeof(struct sock_filter) == sizeof(uint64_t), "sock_filter");

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

// Since Linux 6.6.
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

void linux_tune_listener(int listener) {
  // Task and listener wait for each other, so they may as well share a processor: another one would have to wake up first. A hint, which
  // older kernels don't know.
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

_Static_assert(LINUX_SECCOMP_SET_FILTER == SECCOMP_SET_MODE_FILTER, "filter");
_Static_assert(LINUX_SECCOMP_ALL_THREADS ==
                   (SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC_ESRCH),
               "threads");
_Static_assert(LINUX_SECCOMP_WAIT_KILLABLE == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, "signals");
_Static_assert(LINUX_NO_NEW_PRIVILEGES == PR_SET_NO_NEW_PRIVS, "rights");

static int install(const struct sock_fprog *program) {
  // With this flag a received call waits for its answer, whatever signals come: it isn't restarted, and it doesn't fail with EINTR.
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  long result = linux_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (long)flags, (long)program, 0, 0, 0);
  if (result == -EINVAL)
    result =
        linux_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, (long)program, 0, 0, 0);
  if (result >= 0) linux_tune_listener((int)result);
  return (int)result;
}

int linux_listen_for_calls(const uint64_t *instructions, size_t count, bool may_give_up_rights) {
  struct sock_fprog program = {(unsigned short)count, (struct sock_filter *)instructions};
  if (count > BPF_MAXINSNS) return -E2BIG;
  int result = install(&program);
  if (result != -EACCES || !may_give_up_rights || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return result;
  return install(&program);
}

// Repeats the request after EINTR, which means that nothing was done. Not for receiving: if the notified call is gone, that would wait for
// another one.
static int request(int listener, unsigned long kind, void *argument) {
  int result;
  do result = ioctl(listener, kind, argument);
  while (result < 0 && errno == EINTR && kind != SECCOMP_IOCTL_NOTIF_RECV);
  return result < 0 ? -errno : result;
}

int linux_receive_call(int listener, struct linux_notification *notification) {
  memset(notification, 0, sizeof *notification);
  return request(listener, SECCOMP_IOCTL_NOTIF_RECV, notification);
}

int linux_continue_call(int listener, uint64_t id) {
  struct seccomp_notif_resp answer = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  return request(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

int linux_answer_call(int listener, uint64_t id, int64_t result) {
  struct seccomp_notif_resp answer = {.id = id};
  if (result < 0)
    answer.error = (int32_t)result;
  else
    answer.val = result;
  return request(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

// Since Linux 5.14.
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

static int copy_descriptor(int listener, uint64_t id, int fd, int number, uint32_t flags) {
  struct seccomp_notif_addfd copy = {
      .id = id, .flags = flags, .srcfd = (uint32_t)fd, .newfd = (uint32_t)number, .newfd_flags = O_CLOEXEC};
  int result = request(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &copy);
  // The kernel's error for a number beyond the task's limit.
  return number > 0 && result == -EBADF ? -EMFILE : result;
}

// SECCOMP_ADDFD_FLAG_SEND would need one call. But a signal that interrupts it (SIGSTOP, a frozen control group) takes the descriptor
// back after the answer: the task's call then returns 0.
int linux_answer_call_with_descriptor(int listener, uint64_t id, int fd, int number) {
  int result = copy_descriptor(listener, id, fd, number, number > 0 ? SECCOMP_ADDFD_FLAG_SETFD : 0);
  return result < 0 ? result : linux_answer_call(listener, id, result);
}

int linux_answer_call_with_descriptor_at_once(int listener, uint64_t id, int fd, int number) {
  return copy_descriptor(listener, id, fd, number, SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND);
}

int linux_check_waiting(int listener, uint64_t id) { return request(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id); }
