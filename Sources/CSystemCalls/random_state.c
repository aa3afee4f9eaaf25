// SPDX-License-Identifier: Apache-2.0

#include "random_state.h"

#include <stdint.h>
#include <sys/syscall.h>

#include "system_call.h"

// The kernel's `struct vgetrandom_opaque_params`.
struct parameters {
  uint32_t size, protection, flags, reserved[13];
};

typedef long getrandom_function(void *, size_t, unsigned, void *, size_t);

static int is_error(long result) { return result < 0 && result > -4096; }

void *linux_map_random_state(const void *function, size_t *size) {
  struct parameters parameters = {0};
  if (((getrandom_function *)function)(NULL, 0, 0, &parameters, ~(size_t)0) != 0) return NULL;
  // A state may not cross a page boundary.
  if (parameters.size == 0 || parameters.size > LINUX_RANDOM_STATE_PAGE) return NULL;
  long page = linux_syscall(SYS_mmap, 0, LINUX_RANDOM_STATE_PAGE, parameters.protection, parameters.flags, -1, 0);
  if (is_error(page)) return NULL;
  *size = parameters.size;
  return (void *)page;
}

void linux_unmap_random_state(void *state) {
  if (state != NULL) linux_syscall(SYS_munmap, (long)state, LINUX_RANDOM_STATE_PAGE, 0, 0, 0, 0);
}
