// SPDX-License-Identifier: Apache-2.0

// Takes, changes and frees blocks of memory in a random order, and checks that each keeps its contents and has its alignment.
// Usage: allocation SEED

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 2000, STEPS = 1000000 };

static struct block {
  unsigned char *bytes, fill;
  size_t count;
} blocks[BLOCKS];

static unsigned long state;

static size_t below(size_t limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (state >> 33) % limit;
}

static void fail(const char *what) {
  printf("%s\n", what);
  exit(1);
}

static void check(const struct block *block, size_t count) {
  size_t step = count > 64 ? count / 16 : 1;
  for (size_t i = 0; i < count; i += step)
    if (block->bytes[i] != block->fill) fail("a block has other contents");
  if (count > 0 && block->bytes[count - 1] != block->fill) fail("a block's end has other contents");
}

static size_t random_count(void) {
  switch (below(100)) {
    case 0:
      return below(400000);
    case 1 ... 5:
      return below(9000);
    default:
      return below(300);
  }
}

static void allocate(struct block *block) {
  size_t count = random_count(), alignment = 16;
  void *bytes = NULL;
  switch (below(3)) {
    case 0:
      alignment <<= below(9);
      if (posix_memalign(&bytes, alignment, count) != 0) fail("posix_memalign");
      break;
    case 1:
      bytes = calloc(count, 1);
      for (size_t i = 0; i < count; i++)
        if (((unsigned char *)bytes)[i] != 0) fail("calloc's block is not zero");
      break;
    default:
      bytes = malloc(count);
      break;
  }
  if (bytes == NULL) fail("no block");
  if ((uintptr_t)bytes % alignment != 0) fail("a block is not aligned");
  if (malloc_usable_size(bytes) < count) fail("a block is too small");
  *block = (struct block){bytes, (unsigned char)below(256), count};
  memset(bytes, block->fill, malloc_usable_size(bytes));
}

int main(int count, char **arguments) {
  state = count > 1 ? strtoul(arguments[1], NULL, 10) : 1;
  for (int i = 0; i < STEPS; i++) {
    struct block *block = &blocks[below(BLOCKS)];
    if (!block->bytes) {
      allocate(block);
      continue;
    }
    check(block, block->count);
    if (below(3) == 0) {
      size_t size = random_count();
      block->bytes = realloc(block->bytes, size);
      if (block->bytes == NULL) fail("realloc");
      check(block, size < block->count ? size : block->count);
      memset(block->bytes, block->fill, size);
      block->count = size;
    } else {
      free(block->bytes);
      block->bytes = NULL;
    }
  }
  volatile size_t most = SIZE_MAX;
  if (malloc(most) || errno != ENOMEM || calloc(most / 2, 4) || aligned_alloc(16, most - 15))
    fail("a block larger than memory");
  return 0;
}
