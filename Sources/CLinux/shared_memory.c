// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "shared_memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

// The header lies in the area itself, so that processes which share the area take different parts of it.
struct area {
  _Atomic size_t used;
};

enum { AREA = 16 << 10, ALIGNMENT = 64 };

static struct area *_Atomic current;

static void *mapped(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void *linux_shared_memory(size_t size) {
  if (size > AREA / 4) return mapped(size);
  size = (size + ALIGNMENT - 1) & -(size_t)ALIGNMENT;
  struct area *area = atomic_load(&current);
  size_t place = area ? atomic_fetch_add(&area->used, size) : AREA;
  if (place > AREA - size) {
    area = mapped(AREA);
    if (!area) return NULL;
    place = ALIGNMENT;
    atomic_store(&area->used, place + size);
    atomic_store(&current, area);
  }
  return (char *)area + place;
}
