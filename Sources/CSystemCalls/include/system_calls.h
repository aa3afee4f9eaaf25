// SPDX-License-Identifier: Apache-2.0

// What calls of the vDSO need of the system: raw system calls, the auxiliary vector, memory that may not be there. No file here needs
// more of libc than its headers' constants, `getauxval` and `strerror`. Every name starts with `linux_`.

#ifndef CSYSTEM_CALLS_H
#define CSYSTEM_CALLS_H

#include "linux_auxv.h"
#include "linux_clock.h"
#include "linux_memory.h"
#include "random_state.h"
#include "system_call.h"
#include "time_calls.h"

#endif
