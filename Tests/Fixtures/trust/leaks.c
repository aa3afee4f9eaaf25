// SPDX-License-Identifier: Apache-2.0

// Looks for data in the pages that doesn't belong there: each byte without a meaning must be zero, the code page must be the built image
// except for the fields that its producer fills in, and addresses of the kernel's vDSO may occur only where the host's functions belong.
// Usage: leaks IMAGE; IMAGE is written by `demo-loader image`. Prints the findings, and the number of bytes that were checked.

#include "attack.h"

#include <link.h>
#include <stddef.h>

static int found, looked_at;

static void expect(const char *what, const char *place, const char *bytes, size_t size) {
  for (size_t i = 0; i < size; i++, looked_at++) {
    if (place[i] == (bytes ? bytes[i] : 0)) continue;
    found++;
    printf("%s: byte %zu is %02x\n", what, i, (unsigned char)place[i]);
  }
}

#define ZERO(what, place, field) expect(what "." #field, (const char *)(place)->field, NULL, sizeof(place)->field)

static void check_copy(const vdso_time_data_t *copy) {
  ZERO("copy", copy, reserved);
  for (int id = 0; id < VDSO_CLOCK_COUNT; id++) {
    expect("clock.reserved", (const char *)&copy->clocks[id].reserved, NULL, sizeof copy->clocks[id].reserved);
    expect("map.below", (const char *)&copy->maps[id].below, NULL, sizeof copy->maps[id].below);
  }
}

// Copies the fields by which the page reaches over the kernel's image: the offsets of its section headers and its unwind table, and the
// sizes of its segment. If the page has an annex, `image` gets these fields; returns whether it has one.
static int take_over_coverage(char *image) {
  ElfW(Ehdr) *header = (void *)image;
  const ElfW(Ehdr) *their_header = (const void *)pages[2];
  ElfW(Phdr) *ours = (void *)(image + header->e_phoff);
  const ElfW(Phdr) *theirs = (const void *)(pages[2] + header->e_phoff);
  int has_annex = 0;
  for (int i = 0; i < header->e_phnum; i++) {
    if (ours[i].p_type == PT_LOAD && theirs[i].p_filesz == 2 * SIZE) {
      has_annex = 1;
      ours[i].p_filesz = 2 * SIZE;
      ours[i].p_memsz = theirs[i].p_memsz;
      looked_at += 8;
    }
    if (ours[i].p_type != PT_GNU_EH_FRAME || theirs[i].p_vaddr != SIZE) continue;
    ours[i] = theirs[i];
    looked_at += (int)sizeof *ours;
  }
  if (!has_annex) return 0;
  header->e_shoff = their_header->e_shoff;
  header->e_shnum = their_header->e_shnum;
  header->e_shstrndx = their_header->e_shstrndx;
  return 1;
}

// The annex must have distances and no addresses of this task, and only zeros behind its last table, the section headers. Its index must
// lead to functions and rules inside the task.
static void check_annex(void) {
  const ElfW(Ehdr) *header = (const void *)pages[2];
  const char *annex = pages[2] + SIZE;
  size_t end = header->e_shoff + header->e_shnum * header->e_shentsize - SIZE;
  if (end > SIZE) {
    found++;
    printf("annex: its section headers end at %zx\n", end);
    return;
  }
  expect("end of the annex", annex + end, NULL, SIZE - end);
  const int32_t *words = (const void *)annex;
  static char copy[SIZE];
  for (int32_t i = 0; i < 2 * words[2]; i++) {
    char *target = (char *)annex + words[3 + i];
    if (copy_page(copy, (char *)((uintptr_t)target & ~(uintptr_t)(SIZE - 1)))) continue;
    found++;
    printf("annex: entry %d leads to %p, which isn't in this task\n", (int)i / 2, (void *)target);
  }
  for (size_t i = 0; i + sizeof(uintptr_t) <= end; i += sizeof(uintptr_t)) {
    uintptr_t word = *(const uintptr_t *)(annex + i);
    looked_at += (int)sizeof word;
    if (word < (uintptr_t)pages[0] || word >= (uintptr_t)pages[0] + 64 * SIZE) continue;
    found++;
    printf("annex: %zx is an address\n", i);
  }
}

int main(int argc, char **argv) {
  static char image[SIZE];
  find_pages();
  catch_faults();
  int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (file < 0 || read(file, image, SIZE) <= 0) return 2;
  if (take_over_coverage(image)) check_annex();
  const vdso_time_page_t *time = (void *)pages[0];
  expect("time page", (const char *)&time->reserved, NULL, sizeof time->reserved);
  ZERO("time page", time, padding);
  ZERO("time page", time, padding1);
  expect("end of the time page", pages[0] + sizeof *time, NULL, SIZE - sizeof *time);
  check_copy(&time->copy0);
  check_copy(&time->copy1);
  expect("end of the identity page", pages[1] + sizeof(vdso_identity_page_t), NULL,
         SIZE - sizeof(vdso_identity_page_t));
#ifdef __i386__
  size_t host = VDSO_HOST_OFFSET_I386;
#else
  size_t host = VDSO_HOST_OFFSET_64;
#endif
  size_t after = host + sizeof(vdso_host_t), header = VDSO_HEADER_OFFSET, end = header + sizeof(vdso_header_t);
  if (argc == 2 && after <= header) {
    expect("code page", pages[2], image, host);
    expect("code page behind the host's functions", pages[2] + after, image + after, header - after);
    expect("code page behind the header", pages[2] + end, image + end, SIZE - end);
  } else {
    expect("code page", pages[2], image, header);
    expect("code page behind the header", pages[2] + end, image + end, host - end);
    expect("code page behind the host's functions", pages[2] + after, image + after, SIZE - after);
  }
  // The filled-in addresses must lead to pages of the task itself.
  const uint64_t *words = (const void *)(pages[2] + host);
  for (size_t i = 0; i < sizeof(vdso_host_t) / 8; i++, looked_at += 8) {
    char *page = (char *)(uintptr_t)(words[i] & ~(uint64_t)(SIZE - 1));
    static char copy[SIZE];
    if (words[i] == 0 || ((uintptr_t)page == (words[i] & ~(uint64_t)(SIZE - 1)) && copy_page(copy, page))) continue;
    found++;
    printf("host function %zu is %llx, which isn't in this task\n", i, (unsigned long long)words[i]);
  }
  printf("%d bytes looked at\n", looked_at);
  return found != 0;
}
