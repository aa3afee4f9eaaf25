// SPDX-License-Identifier: Apache-2.0

// The vDSO image that a program finds in its auxiliary vector, and the functions in it.

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

typedef struct {
  const char *base;
  const ElfW(Sym) * symbols;
  const char *strings;
  const ElfW(Half) * versions;
  const ElfW(Word) * hash;
  const char *soname;
} Image;

static int open_image(Image *image) {
  const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
  memset(image, 0, sizeof *image);
  if (base == NULL || memcmp(base, ELFMAG, SELFMAG) != 0) return 0;
  image->base = base;
  const ElfW(Ehdr) *header = (const void *)base;
  const ElfW(Phdr) *segment = (const void *)(base + header->e_phoff);
  size_t soname = 0;
  for (int i = 0; i < header->e_phnum; i++) {
    if (segment[i].p_type != PT_DYNAMIC) continue;
    for (const ElfW(Dyn) *entry = (const void *)(base + segment[i].p_offset); entry->d_tag != DT_NULL; entry++) {
      const void *place = base + entry->d_un.d_ptr;
      switch (entry->d_tag) {
        case DT_SYMTAB:
          image->symbols = place;
          break;
        case DT_STRTAB:
          image->strings = place;
          break;
        case DT_HASH:
          image->hash = place;
          break;
        case DT_SONAME:
          soname = entry->d_un.d_val;
          break;
      }
    }
  }
  image->soname = image->strings ? image->strings + soname : NULL;
  return image->symbols && image->strings && image->hash;
}

#ifdef __aarch64__
#define PREFIX "__kernel_"
#else
#define PREFIX "__vdso_"
#endif

static const void *find(const Image *image, const char *name) {
  for (ElfW(Word) i = 0; i < image->hash[1]; i++)
    if (image->symbols[i].st_shndx != SHN_UNDEF && strcmp(image->strings + image->symbols[i].st_name, name) == 0)
      return image->base + image->symbols[i].st_value;
  return NULL;
}
