// SPDX-License-Identifier: Apache-2.0

// The memory manager of the time and the code page.

#ifndef VDSO_PAGER_H
#define VDSO_PAGER_H

#include "vdso_task.h"

// The memory object, served by a thread of its own from now on.
mach_port_t start_pager(void);

#endif
