// SPDX-License-Identifier: Apache-2.0

#include "linux_auxv.h"

#include <sys/auxv.h>
#include <sys/syscall.h>

#include "system_call.h"

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

unsigned long linux_getauxval(unsigned long type) { return getauxval(type); }

int64_t linux_copy_auxv(void *buffer, size_t count) {
  return linux_syscall(SYS_prctl, PR_GET_AUXV, (long)buffer, (long)count, 0, 0, 0);
}
