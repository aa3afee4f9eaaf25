// SPDX-License-Identifier: Apache-2.0

// Prints the addresses of the page and of the host's function that it calls, in hexadecimal; 0 if it calls none.

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
