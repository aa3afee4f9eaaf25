// SPDX-License-Identifier: Apache-2.0

// Prints what /proc shows of the program's page: whether the auxiliary vector there leads to the image that the program finds, and how many
// KiB of the code page's mapping this process alone has, which core dumps then hold whole.

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(void) {
  unsigned long vector[2 * 64] = {0}, shown = 0, written = 0;
  int file = open("/proc/self/auxv", O_RDONLY);
  if (file < 0 || read(file, vector, sizeof vector - sizeof *vector) < 0) return 1;
  for (unsigned long *entry = vector; entry[0] != AT_NULL; entry += 2)
    if (entry[0] == AT_SYSINFO_EHDR) shown = entry[1];

  FILE *mappings = fopen("/proc/self/smaps", "r");
  if (mappings == NULL) return 1;
  char line[512];
  for (int is_code = 0; fgets(line, sizeof line, mappings) != NULL;) {
    if (strstr(line, "-") != NULL && strchr(line, ':') > strchr(line, '-'))
      is_code = strstr(line, " r-xp ") && strstr(line, "memfd:vdso-");
    unsigned long size;
    if (is_code && sscanf(line, "Anonymous: %lu kB", &size) == 1) written += size;
  }
  printf("vector %s, %lu KiB\n", shown == getauxval(AT_SYSINFO_EHDR) ? "same" : "other", written);
  return 0;
}
