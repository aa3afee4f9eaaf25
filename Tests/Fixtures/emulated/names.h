// SPDX-License-Identifier: Apache-2.0

// Exported functions of an image of either class, by name: all symbols of DT_SYMTAB, whose number DT_HASH has.

#ifndef NAMES_H
#define NAMES_H

#include <elf.h>
#include <string.h>

#define DEFINE_FIND(bits)                                                                                  \
  static inline uint64_t find_name##bits(const uint8_t *image, const char *name) {                         \
    const Elf##bits##_Phdr *segment = (const void *)(image + ((const Elf##bits##_Ehdr *)image)->e_phoff);  \
    while (segment->p_type != PT_DYNAMIC) segment++;                                                       \
    uint64_t symbols = 0, strings = 0, hash = 0;                                                           \
    for (const Elf##bits##_Dyn *d = (const void *)(image + segment->p_vaddr); d->d_tag != DT_NULL; d++) {  \
      if (d->d_tag == DT_SYMTAB) symbols = d->d_un.d_ptr;                                                  \
      if (d->d_tag == DT_STRTAB) strings = d->d_un.d_ptr;                                                  \
      if (d->d_tag == DT_HASH) hash = d->d_un.d_ptr;                                                       \
    }                                                                                                      \
    const Elf##bits##_Sym *symbol = (const void *)(image + symbols);                                       \
    for (uint32_t i = 0; i < ((const uint32_t *)(image + hash))[1]; i++)                                   \
      if (strcmp((const char *)image + strings + symbol[i].st_name, name) == 0) return symbol[i].st_value; \
    return 0;                                                                                              \
  }

DEFINE_FIND(32)
DEFINE_FIND(64)

// The offset in the page, or 0.
static inline uint64_t find_name(const uint8_t *image, const char *name) {
  return image[EI_CLASS] == ELFCLASS32 ? find_name32(image, name) : find_name64(image, name);
}

#endif
