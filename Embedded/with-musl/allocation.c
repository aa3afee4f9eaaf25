// SPDX-License-Identifier: Apache-2.0

// The launcher's memory, in place of musl's functions, which map and unmap small areas so often that a start takes a quarter of a
// millisecond longer. One thread at a time may call these functions, and no signal handler: the launcher has one thread and no handlers.
//
// A block is taken from an area that only grows, or from the list of free blocks of its size. Sizes are rounded up to four steps for each
// power of two. The area is at the break, because our page needs the addresses that mmap would choose first.

#include "../give_up.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

// In front of each block.
struct header {
  // The bytes from `header - offset` on that the block and its header take.
  size_t size;
  // How far after the beginning the header lies, because of the block's alignment.
  size_t offset;
};

struct free_block {
  struct free_block *next;
};

enum { ALIGNMENT = 16, LEAST = 32, MOST_ALIGNED = 128 << 10, AREA = 128 << 10, SIZES = 4 * 64 };

_Static_assert(sizeof(struct header) == ALIGNMENT, "blocks are aligned");

static char *next, *end;
static struct free_block *free_blocks[SIZES];

// The logarithm of the greatest power of two that is at most `size`.
static int order(size_t size) { return 63 - __builtin_clzll(size); }

static size_t rounded(size_t size) {
  if (size <= LEAST) return LEAST;
  size_t step = (size_t)1 << (order(size - 1) - 2);
  if (step < ALIGNMENT) step = ALIGNMENT;
  return (size + step - 1) & -step;
}

static struct free_block **list(size_t size) {
  int power = order(size);
  return &free_blocks[(power - 5) * 4 + (int)(size >> (power - 2) & 3)];
}

// Makes the area `size` bytes larger. If memory in front of it is in use, the area continues elsewhere, and what it had left is lost.
static bool grow(size_t size) {
  size = (size + AREA - 1) & -(size_t)AREA;
  if (!end) next = end = (char *)((syscall(SYS_brk, 0) + ALIGNMENT - 1) & -(long)ALIGNMENT);
  if ((char *)syscall(SYS_brk, end + size) != end + size) {
    char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) return false;
    next = end = area;
  }
  end += size;
  return true;
}

// `size` bytes, a rounded size.
static char *taken(size_t size) {
  struct free_block **blocks = list(size), *block = *blocks;
  if (block) {
    *blocks = block->next;
    return (char *)block;
  }
  if ((size_t)(end - next) < size && !grow(size)) return NULL;
  next += size;
  return next - size;
}

static void *allocated(size_t alignment, size_t count) {
  size_t extra = sizeof(struct header) + (alignment > ALIGNMENT ? alignment : 0);
  size_t size = count > PTRDIFF_MAX / 2 ? 0 : rounded(count + extra);
  char *start = size == 0 || alignment > MOST_ALIGNED ? NULL : taken(size);
  if (!start) {
    errno = ENOMEM;
    return NULL;
  }
  char *block = start + sizeof(struct header);
  if (alignment > ALIGNMENT) block += -(uintptr_t)block & (alignment - 1);
  ((struct header *)block)[-1] = (struct header){size, (size_t)(block - start) - sizeof(struct header)};
  return block;
}

static size_t capacity(const void *block) {
  const struct header *header = (const struct header *)block - 1;
  return header->size - header->offset - sizeof *header;
}

void *malloc(size_t count) { return allocated(ALIGNMENT, count); }

void free(void *block) {
  if (!block) return;
  struct header header = ((struct header *)block)[-1];
  char *start = (char *)block - sizeof header - header.offset;
  struct free_block **blocks = list(header.size);
  ((struct free_block *)start)->next = *blocks;
  *blocks = (struct free_block *)start;
}

void *calloc(size_t number, size_t size) {
  size_t count;
  if (__builtin_mul_overflow(number, size, &count)) count = SIZE_MAX;
  void *block = malloc(count);
  return block ? memset(block, 0, count) : NULL;
}

void *realloc(void *block, size_t count) {
  if (block && count <= capacity(block)) return block;
  void *copy = malloc(count);
  if (!block || !copy) return copy;
  memcpy(copy, block, capacity(block));
  free(block);
  return copy;
}

void *aligned_alloc(size_t alignment, size_t count) { return allocated(alignment, count); }

// Swift gets all its memory from here, and would continue with a null pointer.
int posix_memalign(void **memory, size_t alignment, size_t count) {
  *memory = allocated(alignment, count);
  if (*memory) return 0;
  give_up("out of memory: check ulimit -v and free memory\n");
}

size_t malloc_usable_size(void *block) { return block ? capacity(block) : 0; }
