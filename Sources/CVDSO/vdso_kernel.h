// SPDX-License-Identifier: Apache-2.0

// vdso_kernel.h: the functions around the pages of vdso.h that a kernel like GNU Mach offers.
//
// The simulated kernel implements these functions; a kernel that has Mach's types defines VDSO_HAVE_MACH_TYPES first.

#ifndef VDSO_KERNEL_H
#define VDSO_KERNEL_H

#include "vdso.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef VDSO_HAVE_MACH_TYPES
typedef int boolean_t;
typedef int kern_return_t;
typedef int vm_prot_t;
typedef uintptr_t vm_offset_t;
typedef uintptr_t vm_size_t;
typedef struct task *task_t;  // a handle: never dereferenced

#define KERN_SUCCESS 0
#define KERN_INVALID_ADDRESS 1
#define KERN_PROTECTION_FAILURE 2
#define KERN_NO_SPACE 3
#define KERN_INVALID_ARGUMENT 4
#define KERN_FAILURE 5
#define KERN_RESOURCE_SHORTAGE 6

#define VM_PROT_READ 1
#define VM_PROT_WRITE 2
#define VM_PROT_EXECUTE 4
#endif

// The kernel's own view of the page. The pointers are kernel addresses: no task sees them.
typedef struct {
  vm_offset_t vdso_page;
  vm_size_t vdso_size;
  boolean_t initialized;
  vdso_header_t *header;
} vdso_state_t;

// Boots the vDSO: vdso_arch_init, then vdso_bootstrap. A second call does nothing.
void vdso_init(void);

// Allocates the page and has vdso_arch_setup_page fill it. KERN_RESOURCE_SHORTAGE if there is no page.
kern_return_t vdso_bootstrap(void);

// Chooses the source of time of this architecture.
void vdso_arch_init(void);

// Fills the VDSO_PAGE_SIZE writable bytes at `page` with the code page: ELF image, slots, Mach header.
// KERN_INVALID_ARGUMENT for a null page.
kern_return_t vdso_arch_setup_page(vm_offset_t page);

// Whether vdso_init has succeeded.
boolean_t vdso_is_available(void);

// The kernel's view of the page, never null; valid until the process ends.
vdso_state_t *vdso_get_state(void);

// Maps the three pages, the code page near VDSO_USER_BASE, and stores its address in the task. KERN_FAILURE before
// vdso_init, KERN_INVALID_ARGUMENT for no such task, one that has the pages, or a null address, else KERN_NO_SPACE.
kern_return_t vdso_map_into_task(task_t task, vm_offset_t *address);

// Unmaps the pages from where the task has them, if it has them.
void vdso_unmap_from_task(task_t task);

// The address at which a task calls a symbol when the code page is at VDSO_USER_BASE; 0 before vdso_init and for a symbol
// that the page doesn't have.
vm_offset_t vdso_lookup_symbol(vdso_symbol_type_t symbol);

// The same where `task` has the code page; 0 if it has none.
vm_offset_t vdso_lookup_symbol_in_task(task_t task, vdso_symbol_type_t symbol);

// Adds a symbol for the function that starts at `offset` in the page or whose slot is there. `name` has no prefix such as those of the
// names in the ELF tables. Tasks that get the page later find the symbol by either hash table, in the Mach header, and at its slot.
// KERN_INVALID_ARGUMENT before vdso_init, for a number that is taken or not below VDSO_MAX_SYMBOLS, for a name that is taken or not an
// identifier of at most 20 bytes, and for an offset without a function; KERN_RESOURCE_SHORTAGE if the page is full.
kern_return_t vdso_add_symbol(vdso_symbol_type_t symbol, const char *name, vm_offset_t offset);

// Makes a task without memory, or with a copy of its parent's inheritable memory. KERN_INVALID_ARGUMENT if there is no such parent.
kern_return_t task_create(task_t parent, boolean_t inherit_memory, task_t *child);

// Ends a task and frees its memory; the handle is invalid afterwards.
kern_return_t task_terminate(task_t task);

// Sets the protection of the pages of `task` in the range, or their maximum protection.
kern_return_t vm_protect(task_t task, vm_offset_t address, vm_size_t size, boolean_t set_maximum, vm_prot_t protection);

#ifdef __cplusplus
}
#endif

#endif
