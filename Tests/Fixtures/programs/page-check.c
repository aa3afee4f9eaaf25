// SPDX-License-Identifier: Apache-2.0

// Checks the page from inside a program that was started on it: AT_SYSINFO_EHDR must point at our image, the functions that are found there
// by name must agree with the trap, and nothing may be mapped writable and executable. Prints one line for each failed check, then their
// number; exits with 0 if there is none.

#define _GNU_SOURCE
#include "vdso-image.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int failures;

#define CHECK(condition, ...)         \
  do {                                \
    if (!(condition)) {               \
      failures++;                     \
      printf("failed: " __VA_ARGS__); \
      printf("\n");                   \
    }                                 \
  } while (0)

static int64_t trap_time(clockid_t id) {
  struct timespec t;
  syscall(SYS_clock_gettime, id, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// trap <= page <= trap, a hundred times, for a page whose clocks are the kernel's own.
static void check_clock(int (*clock)(clockid_t, struct timespec *), clockid_t id, int64_t tolerance) {
  for (int i = 0; i < 100; i++) {
    struct timespec t;
    int64_t before = trap_time(id);
    int status = clock(id, &t);
    int64_t after = trap_time(id), told = t.tv_sec * 1000000000LL + t.tv_nsec;
    CHECK(status == 0, "clock %d returns %d", (int)id, status);
    CHECK(before - tolerance <= told && told <= after + tolerance, "clock %d tells %lld between %lld and %lld", (int)id,
          (long long)told, (long long)before, (long long)after);
  }
}

static void check_mappings(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    char mode[5] = "";
    sscanf(line, "%*s %4s", mode);
    CHECK(!(mode[1] == 'w' && mode[2] == 'x'), "writable and executable: %s", line);
    CHECK(strstr(line, "demo-loader") == NULL, "of the loader: %s", line);
  }
  if (maps != NULL) fclose(maps);
}

int main(int count, char **arguments) {
  int64_t tolerance = count > 1 && strcmp(arguments[1], "tsc") == 0 ? 100000 : 0;
  // An emulated machine's counter may be further off.
  if (tolerance != 0 && count > 2) tolerance = atoll(arguments[2]);
  Image image;
  CHECK(open_image(&image), "AT_SYSINFO_EHDR does not lead to an image");
  if (failures == 0) {
    // The note of our pages: sizes of owner and descriptor, type, owner.
    static const char note[] = "\4\0\0\0\4\0\0\0\1\0\0\0VDS";
    CHECK(memmem(image.base, 4096, note, sizeof note) != NULL, "the image, %s, is not ours", image.soname);
    int (*clock)(clockid_t, struct timespec *) = find(&image, PREFIX "clock_gettime");
    int (*pid)(void) = find(&image, PREFIX "getpid");
    CHECK(clock != NULL && pid != NULL, "a function is missing");
    if (clock != NULL && pid != NULL) {
      check_clock(clock, CLOCK_REALTIME, tolerance);
      check_clock(clock, CLOCK_MONOTONIC, tolerance);
      check_clock(clock, CLOCK_BOOTTIME, tolerance);
      CHECK(pid() == syscall(SYS_getpid), "getpid tells %d", pid());
    }
  }
  check_mappings();
  printf("%d failures\n", failures);
  return failures != 0;
}
