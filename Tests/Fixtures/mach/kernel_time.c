// SPDX-License-Identifier: Apache-2.0

#include "kernel_time.h"

mach_port_t open_time_device(void) {
  mach_port_t device = MACH_PORT_NULL, object = MACH_PORT_NULL;
  if (device_open(device_master, D_READ, "time", &device)) return MACH_PORT_NULL;
  if (device_map(device, VM_PROT_READ, 0, PAGE, &object, 0)) return MACH_PORT_NULL;
  return object;
}

// The kernel writes check_seconds last, so that it differs while the other two change.
uint64_t mapped_microseconds(const volatile mapped_time_value_t *mapped) {
  uint32_t seconds, microseconds;
  do {
    seconds = (uint32_t)mapped->seconds;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    microseconds = (uint32_t)mapped->microseconds;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
  } while (seconds != (uint32_t)mapped->check_seconds);
  return (uint64_t)seconds * 1000000 + microseconds;
}

uint64_t next_tick(const volatile mapped_time_value_t *mapped, uint64_t *counter_then) {
  uint64_t before = mapped_microseconds(mapped), now;
  do {
    *counter_then = counter();
    now = mapped_microseconds(mapped);
  } while (now == before);
  return now;
}

uint64_t host_microseconds(void) {
  static mach_port_t host;
  time_value_t value = {0, 0};
  // A child inherits the name without the right.
  if (host_get_time(host, &value)) {
    host = mach_host_self();
    host_get_time(host, &value);
  }
  return (uint64_t)(uint32_t)value.seconds * 1000000 + (uint32_t)value.microseconds;
}
