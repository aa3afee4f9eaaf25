// SPDX-License-Identifier: Apache-2.0

// The server of the vDSO: manages the pages' memory, maps them into tasks, and keeps a timekeeper running.

#ifndef VDSO_SERVER_H
#define VDSO_SERVER_H

#include "mach_task.h"

// The server's thread, in a task of its own. Its requests, vdso_server.defs, come to `port`, whose receive right it has.
// Needs the privileged host port and the device master port.
void serve_vdso(void *port);

#endif
