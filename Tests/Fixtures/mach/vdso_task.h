// SPDX-License-Identifier: Apache-2.0

// The design's vdso_map_into_task, on GNU Mach.

#ifndef VDSO_TASK_H
#define VDSO_TASK_H

#include "mach_task.h"

// The offsets of the time page and the code page in the memory object.
enum { OBJECT_TIME = 0, OBJECT_CODE = PAGE, OBJECT_SIZE = 2 * PAGE };
// The end of a task's addresses.
#define ADDRESS_LIMIT 0xc0000000u

// Maps the time page, an identity page and the code page of `object` into `task`: the code page at `*address`, or at the next free address,
// or at the first one of all. The result is stored in `*address`. The maximum protections are those that the pages need, so that neither
// the task nor its children can raise them. KERN_NO_SPACE if there is no space.
kern_return_t vdso_map_into_task(task_t task, mach_port_t object, int pid, vm_address_t *address);
kern_return_t vdso_unmap_from_task(task_t task, vm_address_t address);

// Maps a new identity page for a task that has inherited its parent's. With `pid` 0, no id is valid.
kern_return_t vdso_renew_identity(task_t task, int pid, vm_address_t address);

#endif
