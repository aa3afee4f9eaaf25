// SPDX-License-Identifier: Apache-2.0

// The types of <elf.h> that the workers need. A C library's headers serve one architecture, and those for 32-bit programs aren't installed
// everywhere; here the compiler's own headers suffice.

#ifndef ELF_TYPES_H
#define ELF_TYPES_H

#include <stdint.h>

enum { PT_DYNAMIC = 2, DT_NULL = 0, DT_HASH = 4, DT_STRTAB = 5, DT_SYMTAB = 6 };

typedef struct {
  uint8_t e_ident[16];
  uint16_t e_type, e_machine;
  uint32_t e_version;
  uintptr_t e_entry, e_phoff, e_shoff;
  uint32_t e_flags;
  uint16_t e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} elf_header_t;

typedef struct {
  uintptr_t d_tag, d_value;
} elf_dynamic_t;

// The order of the fields depends on the class.
#ifdef __i386__
typedef struct {
  uint32_t p_type, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_flags, p_align;
} elf_segment_t;

typedef struct {
  uint32_t st_name, st_value, st_size;
  uint8_t st_info, st_other;
  uint16_t st_shndx;
} elf_symbol_t;

_Static_assert(sizeof(elf_header_t) == 52 && sizeof(elf_segment_t) == 32 && sizeof(elf_symbol_t) == 16, "as in files");
#else
typedef struct {
  uint32_t p_type, p_flags;
  uint64_t p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
} elf_segment_t;

typedef struct {
  uint32_t st_name;
  uint8_t st_info, st_other;
  uint16_t st_shndx;
  uint64_t st_value, st_size;
} elf_symbol_t;

_Static_assert(sizeof(elf_header_t) == 64 && sizeof(elf_segment_t) == 56 && sizeof(elf_symbol_t) == 24, "as in files");
#endif

#endif
