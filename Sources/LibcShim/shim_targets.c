// SPDX-License-Identifier: Apache-2.0

#include "shim_targets.h"

const void *shim_targets[SHIM_FUNCTION_COUNT];
const char *shim_reasons[SHIM_FUNCTION_COUNT];
int shim_state;
int shim_sharers;

int shim_fail(long result) { return shim_result(result); }

void shim_start(void);

__attribute__((constructor)) static void start(void) { shim_start(); }
