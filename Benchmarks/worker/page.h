// SPDX-License-Identifier: Apache-2.0

// Finds functions of a page by name, and reads what a process is started with.

#ifndef PAGE_H
#define PAGE_H

#include "elf-types.h"
#include "machine.h"

// The decimal number that `text` starts with.
static unsigned long number(const char *text) {
  unsigned long value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (unsigned long)(*text++ - '0');
  return value;
}

// The value of entry `key` of the auxiliary vector; 0 if there is none.
static long auxiliary_value(char **vector, long key) {
  for (const long *entry = (const long *)vector; entry[0] != 0; entry += 2)
    if (entry[0] == key) return entry[1];
  return 0;
}

// Whether `name` is `__vdso_` and then `wanted`.
static int is_named(const char *name, const char *wanted) {
  for (const char *prefix = "__vdso_"; *prefix; prefix++)
    if (*name++ != *prefix) return 0;
  while (*wanted && *name == *wanted) name++, wanted++;
  return *wanted == 0 && *name == 0;
}

// The address of function `name` of the page at `base`; 0 if it has none.
static const char *symbol(const char *base, const char *name) {
  if (!base) return 0;
  const elf_header_t *header = (const void *)base;
  const elf_segment_t *segment = (const void *)(base + header->e_phoff);
  const elf_symbol_t *symbols = 0;
  const char *strings = 0;
  const uint32_t *hash = 0;
  for (int i = 0; i < header->e_phnum; i++) {
    if (segment[i].p_type != PT_DYNAMIC) continue;
    for (const elf_dynamic_t *entry = (const void *)(base + segment[i].p_offset); entry->d_tag != DT_NULL; entry++) {
      if (entry->d_tag == DT_SYMTAB) symbols = (const void *)(base + entry->d_value);
      if (entry->d_tag == DT_STRTAB) strings = base + entry->d_value;
      if (entry->d_tag == DT_HASH) hash = (const void *)(base + entry->d_value);
    }
  }
  for (uint32_t i = 0; hash && i < hash[1]; i++)
    if (is_named(strings + symbols[i].st_name, name)) return base + symbols[i].st_value;
  return 0;
}

#endif
