// SPDX-License-Identifier: Apache-2.0

// The pages as the attacked program sees them, and whether an attack had an effect. The pages' state afterwards decides, not the result of
// a system call.

#ifndef ATTACK_H
#define ATTACK_H

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vdso.h"

enum { SIZE = VDSO_PAGE_SIZE, PAGES = 3, NR_MSEAL = 462 };

static const char *const page_names[PAGES] = {"time page", "identity page", "code page"};
static char *pages[PAGES];

static inline void find_pages(void) {
#ifdef PLAIN_MEMORY
  // Pages of plain memory, on which the attacks succeed.
  char *plain = mmap(NULL, PAGES * SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < PAGES; i++) pages[i] = plain + i * SIZE;
  return;
#endif
  char *code = (char *)getauxval(AT_SYSINFO_EHDR);
  for (int i = 0; i < PAGES; i++) pages[i] = code + (i - 2) * SIZE;
}

// The mappings of the pages, line by line, and their contents.
struct state {
  char maps[2048];
  char bytes[PAGES][SIZE];
};

static sigjmp_buf fault_return;
static volatile sig_atomic_t expects_fault;

// After a fault that no attack has caused there is no place to return to, so it would repeat forever.
static void on_fault(int number) {
  if (!expects_fault) _exit(3);
  expects_fault = 0;
  siglongjmp(fault_return, number);
}

static int copy_page(char *to, const char *from) {
  if (sigsetjmp(fault_return, 1)) return 0;
  expects_fault = 1;
  memcpy(to, from, SIZE);
  expects_fault = 0;
  return 1;
}

static inline void look(struct state *state) {
  memset(state, 0, sizeof *state);
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  size_t used = 0;
  while (maps && fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    if (sscanf(line, "%lx-%lx", &from, &to) != 2 || to <= (uintptr_t)pages[0] || from >= (uintptr_t)pages[2] + SIZE)
      continue;
    used += (size_t)snprintf(state->maps + used, sizeof state->maps - used, "%s", line);
  }
  if (maps) fclose(maps);
  for (int i = 0; i < PAGES; i++) copy_page(state->bytes[i], pages[i]);
  // The writer of the time page may continue. The words that describe the page must not change.
  memset(state->bytes[0] + 8, 0, SIZE - 8);
}

static inline int is_writable(volatile char *page) {
  if (sigsetjmp(fault_return, 1)) return 0;
  expects_fault = 1;
  page[SIZE - 1] = page[SIZE - 1];
  expects_fault = 0;
  return 1;
}

// The effect of an attack in words; null if everything is as before.
static inline const char *effect(const struct state *before) {
  static struct state after;
  for (int i = 0; i < PAGES; i++)
    if (is_writable(pages[i])) return "a page is writable";
  look(&after);
  for (int i = 0; i < PAGES; i++)
    if (memcmp(before->bytes[i], after.bytes[i], SIZE) != 0) return "a page holds something else";
  return strcmp(before->maps, after.maps) != 0 ? "the pages are mapped differently" : NULL;
}

static inline void catch_faults(void) {
  struct sigaction action = {.sa_handler = on_fault};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}

#endif
