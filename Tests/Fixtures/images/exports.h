// SPDX-License-Identifier: Apache-2.0

// Exported functions of the code page in a test program, found in the simplest way: all symbols of DT_SYMTAB, whose number DT_HASH has,
// compared by name.

#ifndef EXPORTS_H
#define EXPORTS_H

#include <elf.h>
#include <link.h>

#include "pages.h"

#ifdef __aarch64__
#define PREFIX "__kernel_"
#else
#define PREFIX "__vdso_"
#endif

static inline uintptr_t dynamic_value(long tag) {
  const ElfW(Ehdr) *header = (const void *)code_page;
  const ElfW(Phdr) *segment = (const void *)(code_page + header->e_phoff);
  while (segment->p_type != PT_DYNAMIC) segment++;
  const ElfW(Dyn) *entry = (const void *)(code_page + segment->p_vaddr);
  while (entry->d_tag != tag) entry++;
  return entry->d_un.d_val;
}

// The function of that name, or NULL.
static inline void *find_name(const char *name) {
  const ElfW(Sym) *symbols = (const void *)(code_page + dynamic_value(DT_SYMTAB));
  const char *strings = code_page + dynamic_value(DT_STRTAB);
  uint32_t count = ((const uint32_t *)(code_page + dynamic_value(DT_HASH)))[1];
  for (uint32_t i = 1; i < count; i++)
    if (strcmp(strings + symbols[i].st_name, name) == 0) return code_page + symbols[i].st_value;
  return NULL;
}

// The function of a symbol number, or NULL.
static inline void *exported(int id) {
  static const char *const names[VDSO_SYM_COUNT] = {
      PREFIX "gettimeofday",    PREFIX "clock_gettime", PREFIX "time",      PREFIX "getpid", PREFIX "clock_getres",
      PREFIX "clock_gettime64", PREFIX "getcpu",        PREFIX "getrandom", PREFIX "getuid", PREFIX "geteuid",
      PREFIX "getgid",          PREFIX "getegid",       PREFIX "getppid"};
  return find_name(names[id]);
}

#endif
