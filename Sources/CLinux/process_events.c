// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "process_events.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <system_call.h>

// The headers of a message, which an event follows without a gap or, from this process, one word.
struct headers {
  struct nlmsghdr netlink;
  // A struct cn_msg without its data.
  struct {
    struct cb_id id;
    uint32_t seq, ack;
    uint16_t len, flags;
  } message;
};
_Static_assert(sizeof(struct headers) == sizeof(struct nlmsghdr) + sizeof(struct cn_msg), "struct cn_msg");

struct report {
  struct headers headers;
  struct proc_event event;
};

static int send_operation(int socket, enum proc_cn_mcast_op operation) {
  struct {
    struct headers headers;
    uint32_t operation;
  } packet = {
      .headers.netlink = {.nlmsg_len = sizeof packet, .nlmsg_type = NLMSG_DONE},
      .headers.message = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .ack = (uint32_t)getpid(), .len = sizeof packet.operation},
      .operation = operation,
  };
  return send(socket, &packet, sizeof packet, 0) < 0 ? -errno : 0;
}

// Receives one message: 1, 0 if there is none, or an error. `what` is OTHER where it is no event of the kernel's.
enum { PROGRAM_EXECUTED = 2, OTHER = 0x10000 };
static int receive_report(int socket, struct report *report, uint32_t *what) {
  char packet[512];
  struct sockaddr_nl sender = {0};
  socklen_t length = sizeof sender;
  ssize_t count = recvfrom(socket, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&sender, &length);
  if (count < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
  *what = OTHER;
  *report = (struct report){0};
  if (sender.nl_pid != 0 || count < (ssize_t)sizeof report->headers + 24) return 1;
  memcpy(&report->headers, packet, sizeof report->headers);
  size_t rest = (size_t)count - sizeof report->headers;
  memcpy(&report->event, packet + sizeof report->headers, rest < sizeof report->event ? rest : sizeof report->event);
  const struct cb_id *id = &report->headers.message.id;
  if (id->idx == CN_IDX_PROC && id->val == CN_VAL_PROC) *what = (uint32_t)report->event.what;
  return 1;
}

// Outside of the first PID namespace the kernel ignores the request.
static int wait_for_answer(int socket) {
  enum { PATIENCE = 500, MOST_REPORTS = 10000 };
  for (int i = 0; i < MOST_REPORTS; i++) {
    struct report report;
    uint32_t what = OTHER;
    int result = receive_report(socket, &report, &what);
    if (result == 0) {
      struct pollfd wait = {.fd = socket, .events = POLLIN};
      if (poll(&wait, 1, PATIENCE) == 0) return -ENOTSUP;
      continue;
    }
    if (result < 0 && result != -ENOBUFS) return result;
    bool is_answer = result > 0 && what == 0 && report.headers.message.ack == (uint32_t)getpid() + 1;
    if (is_answer) return -(int)report.event.event_data.ack.err;
  }
  return -ENOTSUP;
}

// The kernel wakes this process only for reports of execve.
static void leave_out_others(int socket) {
  struct sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct headers)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __builtin_bswap32(PROGRAM_EXECUTED), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof instructions / sizeof *instructions, instructions};
  setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int linux_listen_for_executions(void) {
  int result = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
  if (result < 0) return errno == EPROTONOSUPPORT ? -ENOTSUP : -errno;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
  int status = bind(result, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : -errno;
  // Thousands of processes may execute programs while this one attaches to others.
  int size = 8 << 20;
  setsockopt(result, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  if (status == 0) status = send_operation(result, PROC_CN_MCAST_LISTEN);
  if (status == -ECONNREFUSED) status = -ENOTSUP;
  if (status == 0) status = wait_for_answer(result);
  if (status == 0) {
    leave_out_others(result);
    return result;
  }
  close(result);
  return status;
}

void linux_end_executions(int socket) { send_operation(socket, PROC_CN_MCAST_IGNORE); }

int linux_next_execution(int socket) {
  for (;;) {
    struct report report;
    uint32_t what;
    int result = receive_report(socket, &report, &what);
    if (result <= 0) return result;
    if (what == PROGRAM_EXECUTED) return report.event.event_data.exec.process_tgid;
  }
}

static void namespace_path(char *path, size_t capacity, int process) {
  snprintf(path, capacity, "/proc/%d/ns/pid", process);
}

int linux_open_pid_namespace(int process) {
  char path[64];
  namespace_path(path, sizeof path, process);
  return (int)linux_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
}

int linux_is_in_pid_namespace(int process, int namespace) {
  char path[64];
  namespace_path(path, sizeof path, process);
  struct stat own, other;
  if (fstat(namespace, &other) != 0) return -errno;
  if (stat(path, &own) != 0) return errno == EACCES || errno == EPERM ? 0 : -errno;
  return own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

int linux_trace_has_this_filter(int thread, const uint64_t *instructions, size_t count) {
  enum { GET_FILTER = 0x420c, MOST_INSTRUCTIONS = 4096 };
  uint64_t *found = malloc(MOST_INSTRUCTIONS * sizeof *found);
  if (found == NULL) return -ENOMEM;
  long result = 0;
  for (long index = 0;; index++) {
    result = linux_syscall(SYS_ptrace, GET_FILTER, thread, index, 0, 0, 0);
    if (result < 0) break;
    if ((size_t)result != count || count > MOST_INSTRUCTIONS) continue;
    result = linux_syscall(SYS_ptrace, GET_FILTER, thread, index, (long)found, 0, 0);
    if (result < 0) break;
    if (memcmp(found, instructions, count * sizeof *found) == 0) {
      result = 1;
      break;
    }
  }
  free(found);
  return result == -ENOENT ? 0 : (int)result;
}
