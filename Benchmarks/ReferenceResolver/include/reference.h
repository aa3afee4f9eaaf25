// SPDX-License-Identifier: Apache-2.0

// A C program's resolver, which finds the vDSO's functions by the usual algorithm. Our resolver's speed is compared with it.

#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdint.h>

/// The tables of one image. All pointers lead into the image; nothing is checked against its size.
struct reference_image {
  uintptr_t bias;
  const void *symbols;
  const char *strings;
  const uint16_t *versions;
  const void *definitions;
  uint32_t bucket_count;
  uint32_t first_symbol;
  const uint32_t *buckets;
  const uint32_t *chains;
};

/// Finds the tables of the image that is mapped at `address`. Returns 1, or 0 if the image lacks one of them.
int reference_open(struct reference_image *image, uintptr_t address);

/// The address of a function by name and version through the GNU hash table, or 0.
uintptr_t reference_find(const struct reference_image *image, const char *version, const char *name);

/// Calls `function(clock, time)` `count` times, and returns the last result.
int reference_call_clock(uintptr_t function, int clock, void *time, long count);

#endif
