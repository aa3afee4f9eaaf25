// SPDX-License-Identifier: Apache-2.0

// Finds a function of a vDSO by name as libcs do, by a search of all symbols.

#ifndef VDSO_FUNCTION_H
#define VDSO_FUNCTION_H

typedef int (*clock_function)(int, void *);

static clock_function function_of(const char *base, const char *name) {
  const ElfW(Ehdr) *header = (const void *)base;
  const ElfW(Phdr) *segment = (const void *)(base + header->e_phoff);
  const ElfW(Sym) *symbols = NULL;
  const char *strings = NULL;
  const ElfW(Word) *hash = NULL;
  for (int i = 0; i < header->e_phnum; i++) {
    if (segment[i].p_type != PT_DYNAMIC) continue;
    for (const ElfW(Dyn) *entry = (const void *)(base + segment[i].p_offset); entry->d_tag != DT_NULL; entry++) {
      if (entry->d_tag == DT_SYMTAB) symbols = (const void *)(base + entry->d_un.d_ptr);
      if (entry->d_tag == DT_STRTAB) strings = base + entry->d_un.d_ptr;
      if (entry->d_tag == DT_HASH) hash = (const void *)(base + entry->d_un.d_ptr);
    }
  }
  for (ElfW(Word) i = 0; hash != NULL && i < hash[1]; i++)
    if (strcmp(strings + symbols[i].st_name, name) == 0) return (clock_function)(uintptr_t)(base + symbols[i].st_value);
  fprintf(stderr, "the page has no %s\n", name);
  exit(1);
}

#endif
