#define _GNU_SOURCE
#include "linux_nesting.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "clinux.h"

int64_t linux_ask_supervisor(uint64_t subject, uint64_t first, uint64_t second) {
  return linux_syscall(SYS_execve, 0, LINUX_REQUEST_MARK, (long)subject, (long)first, (long)second, 0);
}

int linux_packet_sockets(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno;
}

union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

int linux_send_record(int socket, const void *record, size_t count, int fd, bool wait) {
  struct iovec data = {(void *)record, count};
  union control control = {.header = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (fd >= 0) {
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    message.msg_control = &control;
    message.msg_controllen = sizeof control.bytes;
  }
  ssize_t result;
  do
    result = sendmsg(socket, &message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int64_t linux_receive_record(int socket, void *record, size_t count, int *fd) {
  union control control;
  struct iovec data = {record, count};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes};
  ssize_t result;
  do
    result = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (result < 0 && errno == EINTR);
  *fd = -1;
  if (result < 0) return -errno;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof *fd))
    memcpy(fd, CMSG_DATA(header), sizeof *fd);
  return result;
}
