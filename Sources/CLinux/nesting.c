// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "linux_nesting.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "clinux.h"

int64_t linux_ask_supervisor(uint64_t subject, uint64_t first, uint64_t second) {
  return linux_syscall(SYS_execve, 0, LINUX_REQUEST_MARK, (long)subject, (long)first, (long)second, 0);
}

int linux_packet_sockets(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno;
}
