// SPDX-License-Identifier: Apache-2.0

// Counts and prints the failures of a test program.

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int failures;

#define CHECK(condition, ...)                \
  do {                                       \
    if (!(condition)) {                      \
      failures++;                            \
      printf("failed, line %d: ", __LINE__); \
      printf(__VA_ARGS__);                   \
      printf("\n");                          \
    }                                        \
  } while (0)

#endif
