// SPDX-License-Identifier: Apache-2.0

#include "vdso_pager.h"

#include "report.h"
#include "threads.h"

// Made by `demo-loader image --arch i386 --flavor mach --format c`.
extern const unsigned char vdso_page[VDSO_PAGE_SIZE];

// memory_object.defs: one port, or a port and three words, behind the header, each behind its type.
enum { MEMORY_OBJECT_INIT = 2200, MEMORY_OBJECT_TERMINATE = 2201, MEMORY_OBJECT_DATA_REQUEST = 2203 };
typedef struct {
  mach_msg_header_t header;
  mach_msg_type_t control_type;
  mach_port_t control;
  mach_msg_type_t offset_type;
  vm_offset_t offset;
  mach_msg_type_t length_type;
  vm_size_t length;
  char rest[256];
} pager_message_t;

// The contents of a page when it is first touched. From then on the kernel keeps it, because the pages are wired.
static uint8_t contents[OBJECT_SIZE] __attribute__((aligned(PAGE)));

static void serve(void *port) {
  mach_port_t object = (mach_port_t)(uintptr_t)port;
  pager_message_t message;
  for (;;) {
    if (mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof message, object, 0, MACH_PORT_NULL)) continue;
    switch (message.header.msgh_id) {
      case MEMORY_OBJECT_INIT:
        memory_object_ready(message.control, 1, MEMORY_OBJECT_COPY_NONE);
        break;
      case MEMORY_OBJECT_TERMINATE:
        mach_port_deallocate(mach_task_self(), message.control);
        break;
      case MEMORY_OBJECT_DATA_REQUEST:
        if (message.offset > OBJECT_SIZE || message.length > OBJECT_SIZE - message.offset)
          memory_object_data_error(message.control, message.offset, message.length, KERN_INVALID_ADDRESS);
        else
          memory_object_data_supply(message.control, message.offset, (vm_offset_t)contents + message.offset,
                                    message.length, 0, VM_PROT_NONE, 0, MACH_PORT_NULL);
        break;
      default:
        say("FAILED: the pager got message %d", message.header.msgh_id);
    }
  }
}

mach_port_t start_pager(void) {
  memcpy(contents + OBJECT_CODE, vdso_page, PAGE);
  mach_port_t object = new_port();
  start_thread(mach_task_self(), serve, (void *)(uintptr_t)object);
  return object;
}
