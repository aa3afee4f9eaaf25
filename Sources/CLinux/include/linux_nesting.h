// SPDX-License-Identifier: Apache-2.0

// Messages between a session and the session that it was started in. Each function returns a negated error number on failure.

#ifndef LINUX_NESTING_H
#define LINUX_NESTING_H

#include <stdint.h>

/// The second argument of an execve that executes nothing, by which a task sends its supervisor a request; `subject` is the third one.
enum { LINUX_REQUEST_MARK = 0x7644534f };

/// Sends a request with two more arguments to the supervisor that intercepts this process's calls. Returns its answer, or `-EFAULT` if
/// there is none.
int64_t linux_ask_supervisor(uint64_t subject, uint64_t first, uint64_t second);

/// Two connected sockets of packets, closed on exec.
int linux_packet_sockets(int ends[2]);

#endif
