#include "handover.h"

#if defined(__x86_64__)

extern const char linux_handover_start[], linux_handover_return[], linux_handover_end[];

const void *linux_handover_code(void) {
  return linux_handover_start;
}

size_t linux_handover_code_size(void) {
  return (size_t)(linux_handover_end - linux_handover_start);
}

size_t linux_handover_return_offset(void) {
  return (size_t)(linux_handover_return - linux_handover_start);
}

void linux_handover_run(const void *code, const struct linux_handover *work) {
  ((void (*)(const struct linux_handover *))code)(work);
  __builtin_unreachable();
}

_Static_assert(sizeof(struct linux_handover_call) == 64, "handover_x86_64.S steps by 64");
_Static_assert(offsetof(struct linux_handover, stack_pointer) == 40, "handover_x86_64.S");
_Static_assert(offsetof(struct linux_handover, last_arguments) == 72, "handover_x86_64.S");
_Static_assert(offsetof(struct linux_handover, message_size) == 96, "handover_x86_64.S");
_Static_assert(offsetof(struct linux_handover, code_segment) == 104, "handover_x86_64.S");

#endif
