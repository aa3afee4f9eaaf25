// SPDX-License-Identifier: Apache-2.0

#include "reference.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

int reference_open(struct reference_image *image, uintptr_t address) {
  const ElfW(Ehdr) *header = (const void *)address;
  if (header->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)) return 0;
  const ElfW(Phdr) *segments = (const void *)(address + header->e_phoff);
  const ElfW(Dyn) *dynamic = NULL;
  bool loaded = false;
  *image = (struct reference_image){0};
  for (int i = 0; i < header->e_phnum; i++) {
    if (segments[i].p_type == PT_LOAD && !loaded) {
      loaded = true;
      image->bias = address + segments[i].p_offset - segments[i].p_vaddr;
    } else if (segments[i].p_type == PT_DYNAMIC) {
      dynamic = (const void *)(address + segments[i].p_offset);
    }
  }
  if (!loaded || dynamic == NULL) return 0;
  const uint32_t *hash = NULL;
  for (; dynamic->d_tag != DT_NULL; dynamic++) {
    const void *table = (const void *)(image->bias + dynamic->d_un.d_ptr);
    switch (dynamic->d_tag) {
      case DT_STRTAB:
        image->strings = table;
        break;
      case DT_SYMTAB:
        image->symbols = table;
        break;
      case DT_GNU_HASH:
        hash = table;
        break;
      case DT_VERSYM:
        image->versions = table;
        break;
      case DT_VERDEF:
        image->definitions = table;
        break;
    }
  }
  if (image->strings == NULL || image->symbols == NULL || hash == NULL) return 0;
  if (image->definitions == NULL) image->versions = NULL;
  image->bucket_count = hash[0];
  image->first_symbol = hash[1];
  image->buckets = hash + 4 + hash[2] * (sizeof(ElfW(Addr)) / 4);
  image->chains = image->buckets + image->bucket_count;
  return image->bucket_count != 0;
}

static uint32_t gnu_hash(const char *name) {
  uint32_t hash = 5381;
  for (const unsigned char *byte = (const void *)name; *byte != 0; byte++) hash = hash * 33 + *byte;
  return hash;
}

static uint32_t version_hash(const char *name) {
  uint32_t hash = 0;
  for (const unsigned char *byte = (const void *)name; *byte != 0; byte++) {
    hash = (hash << 4) + *byte;
    uint32_t high = hash & 0xf0000000;
    hash = (hash ^ high >> 24) & ~high;
  }
  return hash;
}

static bool is_version(const struct reference_image *image, uint16_t index, const char *version, uint32_t hash) {
  const ElfW(Verdef) *definition = image->definitions;
  for (; (definition->vd_flags & VER_FLG_BASE) != 0 || (definition->vd_ndx & 0x7fff) != (index & 0x7fff);
       definition = (const void *)((const char *)definition + definition->vd_next))
    if (definition->vd_next == 0) return false;
  const ElfW(Verdaux) *name = (const void *)((const char *)definition + definition->vd_aux);
  return definition->vd_hash == hash && strcmp(version, image->strings + name->vda_name) == 0;
}

uintptr_t reference_find(const struct reference_image *image, const char *version, const char *name) {
  uint32_t hash = gnu_hash(name);
  uint32_t wanted = version_hash(version);
  uint32_t index = image->buckets[hash % image->bucket_count];
  if (index < image->first_symbol) return 0;
  for (;; index++) {
    uint32_t link = image->chains[index - image->first_symbol];
    const ElfW(Sym) *symbol = (const ElfW(Sym) *)image->symbols + index;
    if ((link | 1) == (hash | 1) && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
        (ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL || ELF64_ST_BIND(symbol->st_info) == STB_WEAK) &&
        symbol->st_shndx != SHN_UNDEF && strcmp(name, image->strings + symbol->st_name) == 0 &&
        (image->versions == NULL || is_version(image, image->versions[index], version, wanted)))
      return image->bias + symbol->st_value;
    if (link & 1) return 0;
  }
}

int reference_call_clock(uintptr_t function, int clock, void *time, long count) {
  int (*call)(int, void *) = (int (*)(int, void *))function;
  int result = 0;
  for (long i = 0; i < count; i++) result = call(clock, time);
  return result;
}
