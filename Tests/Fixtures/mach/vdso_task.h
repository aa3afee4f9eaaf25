// SPDX-License-Identifier: Apache-2.0

// The design's vdso_map_into_task, on GNU Mach.

#ifndef VDSO_TASK_H
#define VDSO_TASK_H

#include "mach_task.h"

// The pages of the memory object that the time and the code page are.
enum { OBJECT_TIME = 0, OBJECT_CODE = PAGE, OBJECT_SIZE = 2 * PAGE };
// Where a task's addresses end.
#define ADDRESS_LIMIT 0xc0000000u

// Maps the time page, an identity page and the code page of `object` into `task`, the code page at `*address`, or at the next
// address with room, or at the first one of all. `*address` then has where. The maximum protections are what the pages need, so
// that the task can't raise them, nor can its children. KERN_NO_SPACE if there is no room.
kern_return_t vdso_map_into_task(task_t task, mach_port_t object, int pid, vm_address_t *address);
kern_return_t vdso_unmap_from_task(task_t task, vm_address_t address);

// A fresh identity page for a task that has inherited its parent's. `pid` 0: none is valid.
kern_return_t vdso_renew_identity(task_t task, int pid, vm_address_t address);

#endif
