// SPDX-License-Identifier: Apache-2.0

// What sessions of programs say to each other where one has started in another.
// Each function returns a negated error number on failure.

#ifndef LINUX_NESTING_H
#define LINUX_NESTING_H

#include <stdint.h>

/// The second argument of an execve of nothing by which a task asks its supervisor for `subject`, the third one.
enum { LINUX_REQUEST_MARK = 0x7644534f };

/// Asks the supervisor that intercepts this process's calls, with two more arguments: its answer, or `-EFAULT` if there is none.
int64_t linux_ask_supervisor(uint64_t subject, uint64_t first, uint64_t second);

/// Two connected sockets of packets, closed on exec.
int linux_packet_sockets(int ends[2]);

#endif
