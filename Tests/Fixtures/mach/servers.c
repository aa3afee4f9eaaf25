// SPDX-License-Identifier: Apache-2.0

// Starts the server of the vDSO, as a system's first program would.

#include "board.h"
#include "report.h"
#include "tests.h"
#include "threads.h"
#include "vdso_server.h"
#include "vdso_server_user.h"

board_page_t board_page __attribute__((aligned(PAGE)));

// The server's names for its rights, far from those that the kernel gives out.
enum { SERVER_HOST = 0x20001, SERVER_DEVICE = 0x20002, SERVER_PORT = 0x20003 };

static void server_thread(void *unused) {
  (void)unused;
  host_privileged = SERVER_HOST;
  device_master = SERVER_DEVICE;
  serve_vdso((void *)SERVER_PORT);
}

server_t start_server(void) {
  server_t server = {.port = new_port()};
  vm_inherit(mach_task_self(), (vm_address_t)&board_page, PAGE, VM_INHERIT_SHARE);
  kern_return_t result = task_create(mach_task_self(), 1, &server.task);
  if (!result) result = mach_port_insert_right(server.task, SERVER_HOST, host_privileged, MACH_MSG_TYPE_COPY_SEND);
  if (!result) result = mach_port_insert_right(server.task, SERVER_DEVICE, device_master, MACH_MSG_TYPE_COPY_SEND);
  if (!result) result = mach_port_insert_right(server.task, SERVER_PORT, server.port, MACH_MSG_TYPE_MOVE_RECEIVE);
  if (!result && !start_thread(server.task, server_thread, NULL)) result = KERN_FAILURE;
  check("a server of the vDSO starts", result == KERN_SUCCESS);
  check("its timekeeper publishes", wait_for(&board->published, 5000));
  return server;
}

uint32_t map_pages(server_t server, task_t task, int pid, uint32_t address) {
  vm_address_t code = address;
  kern_return_t result = vdso_task_map(server.port, task, pid, &code);
  if (result) say("the server refuses to map the pages: %s", return_name(result));
  return result ? 0 : code;
}

int wait_for(const volatile uint32_t *word, unsigned milliseconds) {
  for (unsigned i = 0; i < milliseconds && !*word; i += 10) sleep_milliseconds(10);
  return *word != 0;
}
