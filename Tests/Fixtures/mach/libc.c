// SPDX-License-Identifier: Apache-2.0

// Replacements for a libc: memory, division, and the functions that MIG's stubs call.

#include "mach_task.h"

mach_port_t host_privileged = 1, device_master = 2;

void *memcpy(void *to, const void *from, size_t count) {
  void *result = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
  return result;
}

void *memset(void *to, int value, size_t count) {
  void *result = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
  return result;
}

int strcmp(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (uint8_t)*a - (uint8_t)*b;
}

uint64_t divide(uint64_t dividend, uint64_t divisor) {
  uint64_t quotient = 0, remainder = 0;
  for (int bit = 63; bit >= 0; bit--) {
    remainder = remainder << 1 | (dividend >> bit & 1);
    if (remainder >= divisor) remainder -= divisor, quotient |= 1ull << bit;
  }
  return quotient;
}

// Each thread's own reply port is the first word of its stack, which is aligned to its size.
static mach_port_t *reply_port(void) {
  uint32_t stack;
  __asm__("movl %%esp, %0" : "=r"(stack));
  return (mach_port_t *)(stack & -STACK_SIZE);
}

mach_port_t mig_get_reply_port(void) {
  if (!*reply_port()) *reply_port() = mach_reply_port();
  return *reply_port();
}

void mig_dealloc_reply_port(mach_port_t port) {
  (void)port;
  *reply_port() = 0;
}

void mig_put_reply_port(mach_port_t port) { (void)port; }

vm_size_t mig_strncpy(char *to, const char *from, vm_size_t size) {
  vm_size_t i = 0;
  if (size == 0) return 0;
  for (; i + 1 < size && from[i]; i++) to[i] = from[i];
  to[i] = 0;
  return i + 1;
}

mach_msg_return_t mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
                           mach_msg_size_t receive_size, mach_port_t receive, mach_msg_timeout_t timeout,
                           mach_port_t notify) {
  return mach_msg_trap(message, option, send_size, receive_size, receive, timeout, notify);
}

mach_port_t new_port(void) {
  mach_port_t port = 0;
  mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
  mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND);
  return port;
}

void sleep_milliseconds(unsigned milliseconds) {
  mach_msg_header_t header;
  mach_msg(&header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof header, mig_get_reply_port(), milliseconds, 0);
}
