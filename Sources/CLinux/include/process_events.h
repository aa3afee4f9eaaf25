// SPDX-License-Identifier: Apache-2.0

// The kernel's reports of processes that execute programs, and the PID namespaces of processes. Each function returns a negated error
// number on failure.

#ifndef CLINUX_PROCESS_EVENTS_H
#define CLINUX_PROCESS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINUX_ENOBUFS = 105 };

/// A socket, closed on exec, that receives a report of each execve of the machine that has succeeded. Reading from it never waits.
/// -EPERM without CAP_NET_ADMIN in the first user namespace, -ENOTSUP outside of the first PID or network namespace, where
/// the kernel sends no reports. The corresponding C constants are `NETLINK_CONNECTOR` and `PROC_EVENT_EXEC`.
int linux_listen_for_executions(void);

/// Tells the kernel that the reports are no longer read.
void linux_end_executions(int socket);

/// The process of the next report; 0 if there is none yet. `-LINUX_ENOBUFS` if reports were lost before it.
int linux_next_execution(int socket);

/// A descriptor, closed on exec, that keeps a process's PID namespace.
int linux_open_pid_namespace(int process);

/// 1 if a process is of the PID namespace of a descriptor, 0 if it is of another one, or may not be looked at.
int linux_is_in_pid_namespace(int process, int namespace);

/// 1 if a stopped thread, which this process traces, has a filter of exactly these instructions, 0 if it has none. The corresponding C
/// constant is `PTRACE_SECCOMP_GET_FILTER`.
int linux_trace_has_this_filter(int thread, const uint64_t *instructions, size_t count);

#endif
