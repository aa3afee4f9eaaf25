// SPDX-License-Identifier: Apache-2.0

// Packet sockets between processes of one machine. Each function returns a negated error number on failure.

#ifndef CLINUX_UNIX_SOCKET_H
#define CLINUX_UNIX_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A socket, closed on exec, that listens under a name of `count` bytes: a path, made with mode 0600, or an abstract name where
/// its first byte is 0. Reading from it never waits. Sets the process's file mode mask for a moment.
int linux_listen(const void *name, size_t count);

/// A socket, closed on exec, connected to the one that listens under the name.
int linux_connect(const void *name, size_t count);

/// Makes two connected stream sockets, closed on exec. Zero on success.
int linux_stream_pair(int *ends);

/// Accepts a waiting connection: a descriptor, closed on exec, from which reading never waits.
int linux_accept(int socket);

/// The user of the process at the other end when the two were connected. The corresponding C constant is `SO_PEERCRED`.
int64_t linux_peer_user(int socket);

/// Waits at most `milliseconds` for a packet: its length, at most `count`, or `-ETIMEDOUT`; 0 if the other end is gone.
enum { LINUX_ETIMEDOUT = 110 };
int64_t linux_receive_packet(int socket, void *buffer, size_t count, int milliseconds);

/// Sends a packet, without waiting for space.
int linux_send_packet(int socket, const void *buffer, size_t count);

/// Removes the socket files of this user in `folder` whose names begin with `prefix` and that no process listens at any more, also not
/// under the abstract name that has `abstract_prefix` instead of `prefix`.
void linux_remove_abandoned(const char *folder, const char *prefix, const char *abstract_prefix);

/// Sends one 32-bit word, and a descriptor with it unless that is -1. Waits for space. Returns 0 once it is sent.
int linux_send_word(int socket, int32_t word, int fd);

/// Waits for a word and for the descriptor that comes with it, closed on exec; `fd` is -1 if none comes or there is no space for it.
/// Without `take`, the word and the descriptor stay in the socket for other receivers. `-EPIPE` if the other end is gone.
int linux_receive_word(int socket, int32_t *word, int *fd, bool take);

/// The most descriptors that one message carries. The corresponding kernel constant is `SCM_MAX_FD`.
enum { LINUX_MOST_DESCRIPTORS = 253 };
/// Sends one 32-bit word with `count` descriptors. Waits for space.
int linux_send_descriptors(int socket, int32_t word, const int *fds, size_t count);

/// Waits for a word and stores it with the descriptors that come with it, closed on exec, of which it returns the number. `fds` has room for
/// as many as can be sent. All stay in the socket for other receivers. `-EPIPE` if the other end is gone.
int linux_look_for_descriptors(int socket, int32_t *word, int *fds);

/// Sends a packet, and a descriptor with it unless that is -1. `-EAGAIN` if there is no space and `wait` is false.
int linux_send_record(int socket, const void *record, size_t count, int fd, bool wait);

/// Receives a packet of `count` bytes without waiting. Returns its size, 0 if the other end is gone. `fd` is the descriptor that came with
/// it, closed on exec, or -1.
int64_t linux_receive_record(int socket, void *record, size_t count, int *fd);

#endif
