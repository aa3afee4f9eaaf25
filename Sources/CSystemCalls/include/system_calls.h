// SPDX-License-Identifier: Apache-2.0

// The system interfaces that calls of the vDSO need: raw system calls, the auxiliary vector, and memory that may be unmapped. The files
// here use nothing of libc but constants, `getauxval` and `strerror`. Every name starts with `linux_`.

#ifndef CSYSTEM_CALLS_H
#define CSYSTEM_CALLS_H

#include "linux_auxv.h"
#include "linux_clock.h"
#include "linux_memory.h"
#include "random_state.h"
#include "system_call.h"
#include "time_calls.h"

#endif
