// SPDX-License-Identifier: Apache-2.0

// Linux interfaces that Swift's Glibc module lacks: files, processes, tracing and filters, and the numbers of newer calls. It includes
// CSystemCalls. Every name starts with `linux_`.

#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>

#include <system_calls.h>

#include "attachment.h"
#include "injected_calls.h"
#include "call_permissions.h"
#include "date_watch.h"
#include "call_registers.h"
#include "counter.h"
#include "exec_transition.h"
#include "linux_file.h"
#include "linux_nesting.h"
#include "linux_seccomp.h"
#include "linux_trace.h"
#include "memory_file.h"
#include "process.h"
#include "process_events.h"
#include "system_call_probe.h"
#include "process_state.h"
#include "shared_memory.h"
#include "task_files.h"
#include "unix_socket.h"
#include "urgency.h"

#endif
