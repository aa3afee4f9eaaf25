#define _GNU_SOURCE
#include "linux_seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "clinux.h"

_Static_assert(sizeof(struct linux_exec_notice) == sizeof(struct seccomp_notif), "linux_exec_notice");
_Static_assert(offsetof(struct linux_exec_notice, thread) == offsetof(struct seccomp_notif, pid), "linux_exec_notice");

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)

// Numbers of execve and execveat, by architecture; x32's have a bit of their own.
enum { X32 = 0x40000000 };
static struct sock_filter filter[] = {
    LOAD(arch),
    IF_EQUAL(AUDIT_ARCH_X86_64, 3, 0),
    IF_EQUAL(AUDIT_ARCH_I386, 7, 0),
    IF_EQUAL(AUDIT_ARCH_AARCH64, 9, 0),
    IF_EQUAL(AUDIT_ARCH_RISCV64, 8, 11),
    LOAD(nr),
    IF_EQUAL(59, 10, 0),
    IF_EQUAL(322, 9, 0),
    IF_EQUAL(X32 + 520, 8, 0),
    IF_EQUAL(X32 + 545, 7, 6),
    LOAD(nr),
    IF_EQUAL(11, 5, 0),
    IF_EQUAL(358, 4, 3),
    LOAD(nr),
    IF_EQUAL(221, 2, 0),
    IF_EQUAL(281, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(SECCOMP_RET_USER_NOTIF),
};

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int install(void) {
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  // Once received, a call waits for its answer whatever signals come: it isn't restarted, nor does it fail with EINTR.
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  long result = linux_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (long)flags, (long)&program, 0, 0, 0);
  if (result == -EINVAL)
    result = linux_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, (long)&program, 0, 0, 0);
  return (int)result;
}

int linux_listen_for_exec(void) {
  int result = install();
  if (result != -EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return result;
  return install();
}

static int request(int listener, unsigned long kind, void *argument) {
  int result = ioctl(listener, kind, argument);
  return result < 0 ? -errno : result;
}

int linux_receive_exec(int listener, struct linux_exec_notice *notice) {
  memset(notice, 0, sizeof *notice);
  return request(listener, SECCOMP_IOCTL_NOTIF_RECV, notice);
}

int linux_continue_exec(int listener, uint64_t id) {
  struct seccomp_notif_resp answer = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  return request(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

int linux_answer_exec(int listener, uint64_t id, int fd) {
  struct seccomp_notif_addfd answer = {
      .id = id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)fd, .newfd_flags = O_CLOEXEC};
  return request(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &answer);
}
