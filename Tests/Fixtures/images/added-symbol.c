// SPDX-License-Identifier: Apache-2.0

// Looks for a symbol that was added to a page, everywhere where it must be found, and calls it.
// Usage: added-symbol PAGE NUMBER NAME EXISTING. Both names are without prefix; EXISTING reads a clock with 64-bit seconds. Prints a line
// for each failure; exits with their number.

#include "exports.h"

static int failures;

static void check(int holds, const char *what) {
  if (holds) return;
  failures++;
  printf("failed: %s\n", what);
}

int main(int count, char **arguments) {
  if (count != 5) return 99;
  map_pages(arguments[1]);
  int id = atoi(arguments[2]);
  char name[64], existing[64];
  snprintf(name, sizeof name, PREFIX "%s", arguments[3]);
  snprintf(existing, sizeof existing, PREFIX "%s", arguments[4]);
  int (*function)(int, time64 *) = find_name(name);
  check(function && function == find_name(existing), "the dynamic symbol is the existing function");
  const vdso_header_t *header = (const void *)(code_page + VDSO_HEADER_OFFSET);
  const vdso_symbol_t *entry = &header->symbols[id];
  check(entry->available == 1 && entry->offset == (uint32_t)SLOT(id), "the Mach header has the slot");
  check(strcmp(code_page + entry->name, arguments[3]) == 0, "the Mach header has the name");
  unsigned available = 0;
  for (int i = 0; i < VDSO_MAX_SYMBOLS; i++) {
    const vdso_symbol_t *other = &header->symbols[i];
    available += other->available;
    snprintf(name, sizeof name, PREFIX "%s", code_page + other->name);
    if (other->available) check(find_name(name) != NULL, "each name of the Mach header is a dynamic symbol's");
  }
  check(header->symbol_count == available, "the Mach header counts its symbols");

  vdso_clock_t clock = {.source = VDSO_SOURCE_PUBLISHED, .seconds = 123456, .phase = 789ull << 32};
  copy(0)->clocks[VDSO_CLOCK_MONOTONIC] = copy(1)->clocks[VDSO_CLOCK_MONOTONIC] = clock;
  int (*by_slot)(int, time64 *) = slot(id);
  time64 t = {0, 0};
  check(by_slot(1, &t) == 0 && t.seconds == 123456 && t.nanoseconds == 789, "the slot leads to the function");
  return failures;
}
