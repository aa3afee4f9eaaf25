// SPDX-License-Identifier: Apache-2.0

// Checks that this program's memory is as its headers say: data as linked, zeros after it, segments at addresses of the right alignment.
// Prints one line for each claim; exits with 0 if all hold. ZEROS is the number of its zero bytes; with EXECUTABLE_STACK it runs code on
// its stack.

#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#ifndef ZEROS
#define ZEROS 5003  // ends inside a page
#endif

static int data[1024] = {[0] = 1, [1023] = 2};
static char zeros[ZEROS];
static int failures;

static void expect(const char *claim, int holds) {
  failures += !holds;
  printf("%s: %s\n", claim, holds ? "yes" : "no");
}

static int check_alignment(struct dl_phdr_info *info, size_t size, void *found) {
  (void)size;
  if (info->dlpi_name[0] != 0 || *(int *)found) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD) continue;
    uintptr_t address = info->dlpi_addr + segment->p_vaddr;
    expect("segment aligned", address % segment->p_align == segment->p_offset % segment->p_align);
  }
  *(int *)found = 1;
  return 0;
}

static int all_zero(void) {
  // Checks every byte up to the end of the last page, and one byte of each other page.
  for (size_t i = 0; i + 8192 < sizeof zeros; i += 4096)
    if (zeros[i]) return 0;
  const char *end = (const char *)(((uintptr_t)zeros + sizeof zeros + 4095) & -4096UL);
  for (const char *byte = sizeof zeros > 8192 ? zeros + sizeof zeros - 8192 : zeros; byte < zeros + sizeof zeros;
       byte++)
    if (*byte) return 0;
  for (const volatile char *byte = zeros + sizeof zeros; byte < (const volatile char *)end; byte++) (void)*byte;
  return 1;
}

static void check_stack(int wanted) {
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "re");
  while (maps && fgets(line, sizeof line, maps))
    if (strstr(line, "[stack]")) expect("stack executable as asked", (strstr(line, " rwxp ") != NULL) == wanted);
  if (maps) fclose(maps);
}

int main(int count, char **arguments) {
  (void)arguments;
  expect("data as linked", data[0] == 1 && data[1023] == 2 && data[512] == 0);
  expect("zeros after it", all_zero());
  zeros[ZEROS - 1] = 1;
  expect("break after the zeros", (uintptr_t)syscall(12 /* brk */, 0) >= (uintptr_t)(zeros + ZEROS));
  int found = 0;
  dl_iterate_phdr(check_alignment, &found);
  expect("headers found", found);
#ifdef EXECUTABLE_STACK
  int nested(void) { return count + 41; }
  int (*volatile function)(void) = nested;  // a trampoline on the stack
  expect("code on the stack", function() == 42);
  check_stack(1);
#else
  check_stack(count == 0);
#endif
  return failures;
}
