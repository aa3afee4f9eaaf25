// SPDX-License-Identifier: Apache-2.0

#include "threads.h"

#include "report.h"

enum { STATE = i386_REGS_SEGS_STATE };

static kern_return_t set_registers(thread_t thread, uint32_t instruction, uint32_t stack, uint32_t argument) {
  struct i386_thread_state state;
  mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
  kern_return_t result = thread_get_state(thread, STATE, (thread_state_t)&state, &count);
  if (result) return result;
  state.eip = instruction;
  state.uesp = stack;
  state.ebp = 0;
  state.esi = argument;
  return thread_set_state(thread, STATE, (thread_state_t)&state, count);
}

// A suspended thread with a stack, which begins with a zeroed word: its reply port.
static thread_t prepare(task_t task, void (*entry)(void *), void *argument) {
  static uint32_t top[PAGE / 4] __attribute__((aligned(PAGE)));
  vm_address_t stack = 0;
  thread_t thread = 0;
  kern_return_t result = vm_map(task, &stack, STACK_SIZE, STACK_SIZE - 1, 1, 0, 0, 0, R | W, R | W, VM_INHERIT_COPY);
  // The return address, 0, and the argument.
  uint32_t *frame = &top[PAGE / 4 - 5];
  frame[1] = (uint32_t)argument;
  if (!result) result = vm_write(task, stack + STACK_SIZE - PAGE, (vm_offset_t)top, PAGE);
  if (!result) result = thread_create(task, &thread);
  if (!result) result = set_registers(thread, (uint32_t)entry, stack + STACK_SIZE - 20, 0);
  if (result) say("FAILED: a thread could not be made: %s", return_name(result));
  return result ? 0 : thread;
}

thread_t start_thread(task_t task, void (*entry)(void *), void *argument) {
  thread_t thread = prepare(task, entry, argument);
  if (thread) thread_resume(thread);
  return thread;
}

fault_t receive_fault(mach_port_t port, mach_msg_timeout_t timeout) {
  struct {
    mach_msg_header_t header;
    mach_msg_type_t type1;
    mach_port_t thread;
    mach_msg_type_t type2;
    mach_port_t task;
    mach_msg_type_t type3;
    int exception;
    mach_msg_type_t type4;
    int code;
    mach_msg_type_t type5;
    uint32_t address;
    char trailer[64];
  } message;
  fault_t fault = {.exception = -1};
  mach_msg_option_t option = MACH_RCV_MSG | (timeout ? MACH_RCV_TIMEOUT : 0);
  if (mach_msg(&message.header, option, 0, sizeof message, port, timeout, 0) || message.header.msgh_id != 2400)
    return fault;
  fault = (fault_t){message.exception, message.code, message.address, 0};
  struct i386_thread_state state;
  mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
  if (thread_get_state(message.thread, STATE, (thread_state_t)&state, &count) == 0) fault.instruction = state.eip;
  return fault;
}

// The fault of a suspended thread, which ends with it.
static fault_t run(thread_t thread) {
  mach_port_t port = new_port();
  thread_set_special_port(thread, THREAD_EXCEPTION_PORT, port);
  thread_resume(thread);
  fault_t fault = receive_fault(port, 5000);
  thread_terminate(thread);
  mach_port_destroy(mach_task_self(), port);
  return fault;
}

fault_t run_instructions(task_t task, uint32_t instruction, uint32_t argument) {
  thread_t thread;
  if (thread_create(task, &thread)) return (fault_t){.exception = -1};
  set_registers(thread, instruction, 0, argument);
  return run(thread);
}

fault_t run_function(task_t task, void (*entry)(void *), void *argument) {
  thread_t thread = prepare(task, entry, argument);
  return thread ? run(thread) : (fault_t){.exception = -1};
}
