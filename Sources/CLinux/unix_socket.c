// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "unix_socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static int open_socket(int flags, const void *name, size_t count, struct sockaddr_un *address, socklen_t *length) {
  if (count == 0 || count >= sizeof address->sun_path) return -ENAMETOOLONG;
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(address->sun_path, name, count);
  // The length includes an abstract name without a null, and a path with its null.
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count + (address->sun_path[0] != 0));
  int result = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
  return result < 0 ? -errno : result;
}

static int finish(int result, int socket) {
  if (result == 0) return socket;
  int error = errno;
  close(socket);
  return -error;
}

int linux_listen(const void *name, size_t count) {
  struct sockaddr_un address;
  socklen_t length;
  int result = open_socket(SOCK_NONBLOCK, name, count, &address, &length);
  if (result < 0) return result;
  mode_t mask = umask(0177);
  int status = bind(result, (struct sockaddr *)&address, length);
  umask(mask);
  if (status == 0) status = listen(result, 8);
  return finish(status, result);
}

int linux_connect(const void *name, size_t count) {
  struct sockaddr_un address;
  socklen_t length;
  int result = open_socket(0, name, count, &address, &length);
  if (result < 0) return result;
  return finish(connect(result, (struct sockaddr *)&address, length), result);
}

int linux_accept(int socket) {
  int result = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return result < 0 ? -errno : result;
}

int64_t linux_peer_user(int socket) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? (int64_t)peer.uid : -errno;
}

int64_t linux_receive_packet(int socket, void *buffer, size_t count, int milliseconds) {
  struct pollfd wait = {.fd = socket, .events = POLLIN};
  int ready = poll(&wait, 1, milliseconds);
  if (ready <= 0) return ready == 0 ? -ETIMEDOUT : -errno;
  ssize_t result = recv(socket, buffer, count, MSG_DONTWAIT);
  // If the other end closed without reading all, its last packets come after this error.
  if (result < 0 && errno == ECONNRESET) result = recv(socket, buffer, count, MSG_DONTWAIT);
  return result < 0 ? -errno : result;
}

int linux_send_packet(int socket, const void *buffer, size_t count) {
  return send(socket, buffer, count, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int linux_stream_pair(int *ends) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno; }

union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

int linux_send_record(int socket, const void *record, size_t count, int fd, bool wait) {
  struct iovec data = {(void *)record, count};
  union control control = {
      .header = {.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (fd >= 0) {
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    message.msg_control = &control;
    message.msg_controllen = sizeof control.bytes;
  }
  ssize_t result;
  do result = sendmsg(socket, &message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

// Receives bytes and the descriptor that comes with them; `*fd` is -1 if none comes.
static int64_t receive(int socket, void *bytes, size_t count, int *fd, int flags) {
  union control control;
  struct iovec data = {bytes, count};
  struct msghdr message;
  ssize_t result;
  do {
    message = (struct msghdr){
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes};
    result = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  } while (result < 0 && errno == EINTR);
  *fd = -1;
  if (result < 0) return -errno;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof *fd))
    memcpy(fd, CMSG_DATA(header), sizeof *fd);
  return result;
}

int64_t linux_receive_record(int socket, void *record, size_t count, int *fd) {
  return receive(socket, record, count, fd, MSG_DONTWAIT);
}

int linux_send_word(int socket, int32_t word, int fd) {
  return linux_send_record(socket, &word, sizeof word, fd, true);
}

int linux_receive_word(int socket, int32_t *word, int *fd, bool take) {
  int64_t result = receive(socket, word, sizeof *word, fd, MSG_WAITALL | (take ? 0 : MSG_PEEK));
  if (result < 0) return (int)result;
  return result == sizeof *word ? 0 : -EPIPE;
}

union many {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(LINUX_MOST_DESCRIPTORS * sizeof(int))];
};

int linux_send_descriptors(int socket, int32_t word, const int *fds, size_t count) {
  if (count > LINUX_MOST_DESCRIPTORS) return -E2BIG;
  struct iovec data = {&word, sizeof word};
  union many control = {
      .header = {.cmsg_len = CMSG_LEN(count * sizeof *fds), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (count > 0) {
    memcpy(CMSG_DATA(&control.header), fds, count * sizeof *fds);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
  }
  ssize_t result;
  do result = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int linux_look_for_descriptors(int socket, int32_t *word, int *fds) {
  union many control;
  struct iovec data = {word, sizeof *word};
  struct msghdr message;
  ssize_t result;
  do {
    message = (struct msghdr){
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes};
    result = recvmsg(socket, &message, MSG_WAITALL | MSG_PEEK | MSG_CMSG_CLOEXEC);
  } while (result < 0 && errno == EINTR);
  if (result < 0) return -errno;
  if (result != sizeof *word) return -EPIPE;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == NULL || header->cmsg_type != SCM_RIGHTS) return 0;
  size_t size = header->cmsg_len - CMSG_LEN(0);
  memcpy(fds, CMSG_DATA(header), size);
  return (int)(size / sizeof *fds);
}

// Whether no process listens at a socket's file. Its session also listens at the abstract name, which is tried first because a connection
// would wake the listener.
static bool is_abandoned(const char *path, const char *name) {
  char abstract[sizeof((struct sockaddr_un *)0)->sun_path] = {0};
  int length = snprintf(abstract + 1, sizeof abstract - 1, "%s", name);
  if (length < 0 || (size_t)length >= sizeof abstract - 1) return false;
  int taken = linux_listen(abstract, (size_t)length + 1);
  if (taken < 0) return false;
  close(taken);
  int connection = linux_connect(path, strlen(path));
  if (connection >= 0) close(connection);
  return connection == -ECONNREFUSED;
}

void linux_remove_abandoned(const char *folder, const char *prefix, const char *abstract_prefix) {
  DIR *files = opendir(folder);
  if (!files) return;
  struct dirent *file;
  while ((file = readdir(files))) {
    struct stat status;
    char path[sizeof((struct sockaddr_un *)0)->sun_path], name[sizeof path];
    if (strncmp(file->d_name, prefix, strlen(prefix)) != 0) continue;
    if (fstatat(dirfd(files), file->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!S_ISSOCK(status.st_mode) || status.st_uid != geteuid()) continue;
    int count = snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
    int length = snprintf(name, sizeof name, "%s%s", abstract_prefix, file->d_name + strlen(prefix));
    if (count < 0 || (size_t)count >= sizeof path || length < 0 || (size_t)length >= sizeof name) continue;
    if (is_abandoned(path, name)) unlinkat(dirfd(files), file->d_name, 0);
  }
  closedir(files);
}
