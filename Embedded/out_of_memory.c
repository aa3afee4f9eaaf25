// SPDX-License-Identifier: Apache-2.0

// Where memory ends, Embedded Swift goes on with a null pointer: this program says so and ends instead.
// Linked by --wrap=posix_memalign, by which all of Swift's memory is got.

#include <stddef.h>
#include <unistd.h>

int __real_posix_memalign(void **memory, size_t alignment, size_t size);

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
  if (__real_posix_memalign(memory, alignment, size) == 0) return 0;
  static const char text[] = "demo-loader: out of memory: check ulimit -v and free memory\n";
  ssize_t written = write(2, text, sizeof text - 1);
  (void)written;
  _exit(126);
}
