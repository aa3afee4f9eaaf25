// SPDX-License-Identifier: Apache-2.0

// A launcher that does only what none can omit: it maps a dynamically linked x86_64 program and its interpreter into its own process, corrects
// the stack that the kernel made for itself, and jumps. It checks nothing, maps no page and removes nothing of its own. Engine load can't be
// faster. Usage: least-launcher PROGRAM [ARGUMENT...]

#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, MOST_HEADERS = 32 };

struct image {
  uintptr_t base, entry, headers;
  size_t header_count;
  char interpreter[256];
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int protection(uint32_t flags) {
  return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}

static void map_segment(int file, uintptr_t base, const Elf64_Phdr *segment) {
  uintptr_t start = base + segment->p_vaddr, skipped = start % PAGE, data_end = start + segment->p_filesz;
  uintptr_t file_end = (data_end + PAGE - 1) & -(uintptr_t)PAGE,
            end = (start + segment->p_memsz + PAGE - 1) & -(uintptr_t)PAGE;
  if (mmap((void *)(start - skipped), segment->p_filesz + skipped, protection(segment->p_flags),
           MAP_PRIVATE | MAP_FIXED, file, (off_t)(segment->p_offset - skipped)) == MAP_FAILED)
    fail("map a segment");
  if (segment->p_memsz == segment->p_filesz) return;
  memset((void *)data_end, 0, file_end - data_end);
  if (end > file_end && mmap((void *)file_end, end - file_end, protection(segment->p_flags),
                             MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
    fail("map zeros");
}

static struct image map_image(const char *path) {
  struct image image = {0};
  Elf64_Ehdr header;
  Elf64_Phdr segments[MOST_HEADERS];
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || pread(file, &header, sizeof header, 0) != sizeof header) fail(path);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_type != ET_DYN || header.e_phnum > MOST_HEADERS) {
    fprintf(stderr, "%s: not a position-independent ELF program\n", path);
    exit(1);
  }
  if (pread(file, segments, sizeof *segments * header.e_phnum, (off_t)header.e_phoff) < 0) fail(path);
  uintptr_t end = 0;
  for (int i = 0; i < header.e_phnum; i++)
    if (segments[i].p_type == PT_LOAD) end = segments[i].p_vaddr + segments[i].p_memsz;
  void *range = mmap(NULL, end, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) fail("reserve addresses");
  image.base = (uintptr_t)range;
  for (int i = 0; i < header.e_phnum; i++) {
    if (segments[i].p_type == PT_LOAD) map_segment(file, image.base, &segments[i]);
    if (segments[i].p_type == PT_INTERP &&
        pread(file, image.interpreter, sizeof image.interpreter - 1, (off_t)segments[i].p_offset) < 0)
      fail(path);
  }
  close(file);
  image.entry = image.base + header.e_entry;
  image.headers = image.base + header.e_phoff;
  image.header_count = header.e_phnum;
  return image;
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: least-launcher PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  struct image program = map_image(arguments[1]), interpreter = {0};
  if (program.interpreter[0]) interpreter = map_image(program.interpreter);
  char **end = arguments + count + 1;
  while (*end) end++;
  Elf64_auxv_t *auxiliary = (Elf64_auxv_t *)(end + 1), *entry = auxiliary;
  for (; entry->a_type != AT_NULL; entry++) {
    switch (entry->a_type) {
      case AT_PHDR:
        entry->a_un.a_val = program.headers;
        break;
      case AT_PHNUM:
        entry->a_un.a_val = program.header_count;
        break;
      case AT_ENTRY:
        entry->a_un.a_val = program.entry;
        break;
      case AT_BASE:
        entry->a_un.a_val = interpreter.base;
        break;
      case AT_EXECFN:
        entry->a_un.a_val = (uintptr_t)arguments[1];
        break;
    }
  }
  // The program's stack begins where the kernel's does, with one argument less.
  memmove(arguments, arguments + 1, (char *)(entry + 1) - (char *)(arguments + 1));
  uint64_t *stack = (uint64_t *)arguments - 1;
  *stack = (uint64_t)count - 1;
  uintptr_t start = interpreter.base ? interpreter.entry : program.entry;
  __asm__ volatile("mov %0, %%rsp\n xor %%edx, %%edx\n xor %%ebp, %%ebp\n jmp *%1"
                   :
                   : "r"(stack), "r"(start)
                   : "rdx", "memory");
  __builtin_unreachable();
}
