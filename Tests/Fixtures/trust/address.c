// SPDX-License-Identifier: Apache-2.0

// Prints where the page lies, and where the host's function that it asks, in hexadecimal; 0 if it asks none.

#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>

#include "vdso.h"

int main(void) {
#ifdef __i386__
  enum { HOST = VDSO_HOST_OFFSET_I386 };
#else
  enum { HOST = VDSO_HOST_OFFSET_64 };
#endif
  uintptr_t page = getauxval(AT_SYSINFO_EHDR);
#ifdef KERNEL
  uint64_t host = page;
#else
  uint64_t host = ((const vdso_host_t *)(page + HOST))->clock_gettime;
#endif
  printf("%lx %llx\n", (unsigned long)page, (unsigned long long)host);
  return 0;
}
