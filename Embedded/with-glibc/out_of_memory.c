// SPDX-License-Identifier: Apache-2.0

// If memory runs out, Embedded Swift continues with a null pointer. This function prints a message and ends the program instead. It is
// linked with --wrap=posix_memalign, from which Swift gets all its memory.

#include "../give_up.h"

int __real_posix_memalign(void **memory, size_t alignment, size_t size);

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
  if (__real_posix_memalign(memory, alignment, size) == 0) return 0;
  give_up("out of memory: check ulimit -v and free memory\n");
}
