// SPDX-License-Identifier: Apache-2.0

// Compares the functions on images with dlvsym and with an image's own tables. Prints each difference; exits with 1 if there was one.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <vdsoshim.h>

static int failures;

static void expect(int holds, const char *what) {
  if (!holds) {
    printf("wrong: %s\n", what);
    failures++;
  }
}

struct visit {
  const void *image;
  int count;
  int stop;
};

// Each symbol is found by its name and version, and by its address.
static int check(const struct vdso_symbol *symbol, void *context) {
  struct visit *visit = context;
  struct vdso_symbol found;
  visit->count++;
  expect(vdso_find_symbol(visit->image, symbol->name, symbol->version, &found) == 1 && found.address == symbol->address,
         symbol->name);
  if (symbol->type == 2) {
    expect(vdso_find_address(visit->image, (const void *)(symbol->address + symbol->size / 2), &found) == 1 &&
               found.address <= symbol->address && symbol->address < found.address + found.size,
           "the symbol at an address");
  }
  return visit->stop;
}

int main(void) {
  const void *image = (const void *)getauxval(AT_SYSINFO_EHDR);
  struct visit visit = {image, 0, 0};
  expect(vdso_visit_symbols(image, check, &visit) == 0 && visit.count > 4, "the symbols of the vDSO");
  visit = (struct visit){image, 0, 7};
  expect(vdso_visit_symbols(image, check, &visit) == 7 && visit.count == 1, "a visit that stops");

  static const char *const names[] = {"__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_getcpu"};
#ifdef DYNAMIC
  void *handle = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
  expect(handle != NULL, "the dynamic linker's handle");
#endif
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct vdso_symbol symbol;
    expect(vdso_find_symbol(image, names[i], "LINUX_2.6", &symbol) == 1 && symbol.type == 2 && symbol.size > 0 &&
               strcmp(symbol.name, names[i]) == 0 && strcmp(symbol.version, "LINUX_2.6") == 0,
           names[i]);
    expect((void *)symbol.address == vdsoshim_lookup_symbol(names[i]), "the same by vdsoshim_lookup_symbol");
#ifdef DYNAMIC
    expect((void *)symbol.address == dlvsym(handle, names[i], "LINUX_2.6"), "what dlvsym finds");
#endif
  }
  expect(vdso_find_symbol(image, "__vdso_time", "LINUX_9", NULL) == 0, "a version that is not there");
  expect(vdso_find_symbol(image, "__vdso_nothing", NULL, NULL) == 0, "a name that is not there");
  expect(vdso_find_symbol(image, "", NULL, NULL) == 0, "the empty name");
  expect(vdso_find_address(image, main, NULL) == 0, "an address that is elsewhere");
  expect(vdso_find_symbol(NULL, "__vdso_time", NULL, NULL) == -1, "no image");
  expect(vdso_find_symbol((const void *)0x1000, "__vdso_time", NULL, NULL) == -1, "an image that is not mapped");

  // A copy whose tables lead outside it is refused.
  void *copy = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  expect(vdso_find_symbol(copy, "__vdso_time", NULL, NULL) == -1, "a page of zeros");
  memcpy(copy, image, 4096);
  ((ElfW(Ehdr) *)copy)->e_phoff = (ElfW(Off))1 << 30;
  expect(vdso_find_symbol(copy, "__vdso_time", NULL, NULL) == -1, "program headers outside the image");

  const unsigned long vector[] = {6, 4096, 33, 77, 0, 0};
  unsigned long value = 0;
  expect(vdso_auxiliary_value(vector, 33, &value) == 1 && value == 77, "a value of a vector");
  expect(vdso_auxiliary_value(vector, 7, &value) == 0 && value == 77, "a key that is not there");
  expect(vdso_auxiliary_value(NULL, 33, &value) == 0, "no vector");
  return failures != 0;
}
