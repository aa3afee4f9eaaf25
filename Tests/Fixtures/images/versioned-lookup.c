// SPDX-License-Identifier: Apache-2.0

// Loads a page's file as a library, and has the C library's loader look up two names of it at a version.
// Usage: versioned-lookup FILE VERSION NAME EXISTING. Exits with 0 if both are the same function.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **arguments) {
  if (count != 5) return 99;
  void *library = dlopen(arguments[1], RTLD_NOW);
  if (!library) {
    puts(dlerror());
    return 98;
  }
  void *added = dlvsym(library, arguments[3], arguments[2]);
  void *existing = dlvsym(library, arguments[4], arguments[2]);
  printf("%s %p, %s %p\n", arguments[3], added, arguments[4], existing);
  return !added || added != existing;
}
