// SPDX-License-Identifier: Apache-2.0

#include "vdso_task.h"

static kern_return_t map_identity(task_t task, int pid, vm_address_t at) {
  static union {
    vdso_identity_page_t identity;
    char bytes[PAGE];
  } page __attribute__((aligned(PAGE)));
  page.identity = (vdso_identity_page_t){.magic = VDSO_IDENTITY_MAGIC};
  if (pid) {
    page.identity.valid = 1 << VDSO_IDENTITY_PID;
    page.identity.words[VDSO_IDENTITY_PID] = (uint32_t)pid;
  }
  // vm_write writes whole pages that the task may write.
  kern_return_t result = vm_map(task, &at, PAGE, 0, 0, MACH_PORT_NULL, 0, 0, R | W, R | W, VM_INHERIT_COPY);
  if (result) return result;
  result = vm_write(task, at, (vm_offset_t)&page, PAGE);
  if (!result) result = vm_protect(task, at, PAGE, 1, R);
  if (result) vm_deallocate(task, at, PAGE);
  return result;
}

static kern_return_t map_page(task_t task, mach_port_t object, vm_offset_t offset, vm_prot_t protection,
                              vm_address_t at) {
  return vm_map(task, &at, PAGE, 0, 0, object, offset, 0, protection, protection, VM_INHERIT_SHARE);
}

// Maps all three pages, or none of them.
static kern_return_t map_at(task_t task, mach_port_t object, int pid, vm_address_t code) {
  vm_address_t time = code - 2 * PAGE, identity = code - PAGE;
  kern_return_t result = map_page(task, object, OBJECT_TIME, R, time);
  if (result) return result;
  result = map_identity(task, pid, identity);
  if (!result) {
    result = map_page(task, object, OBJECT_CODE, R | X, code);
    if (!result) return KERN_SUCCESS;
    vm_deallocate(task, identity, PAGE);
  }
  vm_deallocate(task, time, PAGE);
  return result;
}

// The first gap of three pages at `start` or above, or 0.
static vm_address_t find_gap(task_t task, vm_address_t start) {
  while (start <= ADDRESS_LIMIT - 3 * PAGE) {
    vm_address_t used = start;
    vm_size_t size;
    vm_prot_t current, maximum;
    vm_inherit_t inherit;
    boolean_t shared;
    mach_port_t object = MACH_PORT_NULL;
    vm_offset_t offset;
    kern_return_t result = vm_region(task, &used, &size, &current, &maximum, &inherit, &shared, &object, &offset);
    if (object) mach_port_deallocate(mach_task_self(), object);
    if (result == KERN_NO_SPACE || (result == KERN_SUCCESS && used >= start + 3 * PAGE)) return start;
    if (result) return 0;
    start = used + size;
  }
  return 0;
}

// vm_map with `anywhere` takes no hint and gives the lowest address, so the gaps are found here. If another thread of the task takes a gap
// meanwhile, the next one is tried. The first page stays free, because nothing may be mapped at a null pointer.
kern_return_t vdso_map_into_task(task_t task, mach_port_t object, int pid, vm_address_t *address) {
  vm_address_t wanted = *address & -PAGE;
  if (wanted < 3 * PAGE) wanted = 3 * PAGE;
  for (int attempt = 0; attempt < 16; attempt++) {
    vm_address_t start = find_gap(task, wanted - 2 * PAGE);
    if (!start) start = find_gap(task, PAGE);
    if (!start) return KERN_NO_SPACE;
    kern_return_t result = map_at(task, object, pid, start + 2 * PAGE);
    if (result == KERN_SUCCESS) *address = start + 2 * PAGE;
    if (result != KERN_NO_SPACE) return result;
  }
  return KERN_NO_SPACE;
}

kern_return_t vdso_unmap_from_task(task_t task, vm_address_t address) {
  return vm_deallocate(task, address - 2 * PAGE, 3 * PAGE);
}

kern_return_t vdso_renew_identity(task_t task, int pid, vm_address_t address) {
  kern_return_t result = vm_deallocate(task, address - PAGE, PAGE);
  return result ? result : map_identity(task, pid, address - PAGE);
}
