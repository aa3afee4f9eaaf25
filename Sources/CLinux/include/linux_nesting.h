// What sessions of programs say to each other where one has started in another.
// Each function returns a negated error number on failure.

#ifndef LINUX_NESTING_H
#define LINUX_NESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The second argument of an execve of nothing by which a task asks its supervisor for `subject`, the third one.
enum { LINUX_REQUEST_MARK = 0x7644534f };

/// Asks the supervisor that hears this process, with two more arguments: what it answers, `-EFAULT` where nobody hears it.
int64_t linux_ask_supervisor(uint64_t subject, uint64_t first, uint64_t second);

/// Two connected sockets of packets, closed on exec.
int linux_packet_sockets(int ends[2]);

/// Sends a packet, and with it a descriptor unless that is -1. `-EAGAIN` where there is no room and it is not to wait.
int linux_send_record(int socket, const void *record, size_t count, int fd, bool wait);

/// Takes a packet of `count` bytes, without waiting: how many it has, 0 where the other end is gone. `fd` is the descriptor that came
/// with it, closed on exec, or -1.
int64_t linux_receive_record(int socket, void *record, size_t count, int *fd);

#endif
