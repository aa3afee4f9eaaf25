// SPDX-License-Identifier: Apache-2.0

#include "vdso_server.h"

#include "board.h"
#include "report.h"
#include "threads.h"
#include "timekeeper.h"
#include "vdso_pager.h"

// MIG's, of vdso_server.defs.
boolean_t vdso_server(mach_msg_header_t *request, mach_msg_header_t *reply);

static mach_port_t object, device_object, notifications;
static task_t timekeeper;
static uint64_t nominal;

static void start_timekeeper(void) {
  vm_address_t page = (vm_address_t)TIMEKEEPER_PAGE, device = (vm_address_t)TIMEKEEPER_DEVICE;
  mach_port_t previous;
  // A child inherits nothing of what this task itself has at these addresses.
  kern_return_t result = task_create(mach_task_self(), 1, &timekeeper);
  if (!result) result = vm_map(timekeeper, &page, PAGE, 0, 0, object, OBJECT_TIME, 0, R | W, R | W, VM_INHERIT_NONE);
  if (!result) result = vm_map(timekeeper, &device, PAGE, 0, 0, device_object, 0, 0, R, R, VM_INHERIT_NONE);
  if (!result)
    result = mach_port_insert_right(timekeeper, TIMEKEEPER_SERVER, mach_task_self(), MACH_MSG_TYPE_COPY_SEND);
  if (!result)
    result = mach_port_request_notification(mach_task_self(), timekeeper, MACH_NOTIFY_DEAD_NAME, 1, notifications,
                                            MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
  if (result || !start_thread(timekeeper, keep_time, &nominal)) say("FAILED: no timekeeper: %s", return_name(result));
}

// Linux's kernel does this by a robust futex: readers of the coarse clocks ask the kernel from now on.
static void timekeeper_died(mach_port_t dead) {
  __atomic_fetch_or(&TIMEKEEPER_PAGE->timekeeper, VDSO_TIMEKEEPER_DIED, __ATOMIC_RELEASE);
  board->marked_at = counter();
  board->deaths++;
  // The name, and the reference that the notification brought.
  mach_port_deallocate(mach_task_self(), dead);
  mach_port_deallocate(mach_task_self(), dead);
  start_timekeeper();
}

static void prepare(void) {
  vm_address_t page = (vm_address_t)TIMEKEEPER_PAGE, device = (vm_address_t)TIMEKEEPER_DEVICE;
  object = start_pager();
  device_object = open_time_device();
  kern_return_t result =
      vm_map(mach_task_self(), &page, OBJECT_SIZE, 0, 0, object, OBJECT_TIME, 0, R | W, R | W, VM_INHERIT_NONE);
  // Wired pages are never paged out, so the pager needs no memory for them. They are touched before they are wired, because vm_wire holds
  // the lock that the pager's reply takes.
  for (unsigned i = 0; i < OBJECT_SIZE && !result; i += PAGE) *(volatile uint8_t *)(page + i);
  if (!result) result = vm_wire(host_privileged, mach_task_self(), page, OBJECT_SIZE, R);
  if (!result) result = vm_map(mach_task_self(), &device, PAGE, 0, 0, device_object, 0, 0, R, R, VM_INHERIT_NONE);
  if (result) say("FAILED: the server can't map its pages: %s", return_name(result));
  initialize_time_page(TIMEKEEPER_PAGE);
  line_t line = calibrate(TIMEKEEPER_DEVICE);
  nominal = line.mult;
  publish(TIMEKEEPER_PAGE, &line, 1, ~0ull);
}

void serve_vdso(void *port) {
  mach_port_t requests = (mach_port_t)(uintptr_t)port, both;
  report_faults();
  notifications = new_port();
  prepare();
  start_timekeeper();
  mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &both);
  mach_port_move_member(mach_task_self(), requests, both);
  mach_port_move_member(mach_task_self(), notifications, both);
  for (;;) {
    union {
      mach_msg_header_t header;
      mach_dead_name_notification_t notification;
      char room[512];
    } request, reply;
    if (mach_msg(&request.header, MACH_RCV_MSG, 0, sizeof request, both, 0, MACH_PORT_NULL)) continue;
    if (request.header.msgh_id == MACH_NOTIFY_DEAD_NAME) {
      if (request.notification.not_port == timekeeper) timekeeper_died(timekeeper);
      continue;
    }
    vdso_server(&request.header, &reply.header);
    mach_msg(&reply.header, MACH_SEND_MSG, reply.header.msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
  }
}

// Each request brings a right to the task, which must be released.
static kern_return_t release(mach_port_t task, kern_return_t result) {
  mach_port_deallocate(mach_task_self(), task);
  return result;
}

kern_return_t S_vdso_task_map(mach_port_t server, mach_port_t task, int pid, vm_address_t *address) {
  (void)server;
  return release(task, vdso_map_into_task(task, object, pid, address));
}

kern_return_t S_vdso_task_unmap(mach_port_t server, mach_port_t task, vm_address_t address) {
  (void)server;
  return release(task, vdso_unmap_from_task(task, address));
}

kern_return_t S_vdso_task_inherited(mach_port_t server, mach_port_t task, int pid, vm_address_t address) {
  (void)server;
  return release(task, vdso_renew_identity(task, pid, address));
}

kern_return_t S_vdso_timekeeper(mach_port_t server, mach_port_t *port) {
  (void)server;
  *port = timekeeper;
  // The right that the reply moves.
  return mach_port_mod_refs(mach_task_self(), timekeeper, MACH_PORT_RIGHT_SEND, 1);
}
