// SPDX-License-Identifier: Apache-2.0

// Writes the addresses at which the dynamic linker finds the vDSO's functions, one on a line, to the file of the first argument. Then it
// waits forever, or with a second argument aborts, so that the kernel writes a core file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#if defined(__i386__)
#define SONAME "linux-gate.so.1"
#else
#define SONAME "linux-vdso.so.1"
#endif

static const char *const names[] = {
    "clock_gettime", "clock_gettime64",     "gettimeofday", "time",
    "clock_getres",  "clock_getres_time64", "getcpu",       "getrandom",
};

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  char partial[4096];
  snprintf(partial, sizeof partial, "%s.partial", argv[1]);
  FILE *out = fopen(partial, "w");
  void *image = dlopen(SONAME, RTLD_LAZY | RTLD_NOLOAD);
  if (!out || !image) return 3;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char symbol[64];
    snprintf(symbol, sizeof symbol, "__vdso_%s", names[i]);
    fprintf(out, "%s %lx\n", names[i], (unsigned long)dlvsym(image, symbol, "LINUX_2.6"));
  }
  fprintf(out, "AT_SYSINFO %lx\nAT_SYSINFO_EHDR %lx\n", getauxval(AT_SYSINFO), getauxval(AT_SYSINFO_EHDR));
  fclose(out);
  // The file appears with its whole contents.
  rename(partial, argv[1]);
  if (argc > 2) abort();
  for (;;) pause();
}
