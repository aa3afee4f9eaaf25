// SPDX-License-Identifier: Apache-2.0

// The shared part of stepping.c and throwing.cpp: the trap flag, the page as unwinders find it, and the changes that calls ask for.

#ifndef STEPPED_H
#define STEPPED_H

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "stepping.h"
#include "vdso.h"

#if defined(__i386__)
enum { PC = REG_EIP, DX = REG_EDX };
#else
enum { PC = REG_RIP, DX = REG_RDX };
#endif

static uintptr_t page;
static vdso_time_page_t *stepped_time;
static unsigned char visited[VDSO_PAGE_SIZE];
static long steps;

// ---- The page as a loaded object: what libc does with the page in AT_SYSINFO_EHDR, which the program's is not ----

static const ElfW(Phdr) * segments(void) { return (const ElfW(Phdr) *)(page + ((const ElfW(Ehdr) *)page)->e_phoff); }

// For libunwind.
__attribute__((used)) int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *data) {
  typedef int iterate(int (*)(struct dl_phdr_info *, size_t, void *), void *);
  iterate *others = (iterate *)dlsym(RTLD_NEXT, "dl_iterate_phdr");
  struct dl_phdr_info info;
  memset(&info, 0, sizeof info);
  info.dlpi_addr = page;
  info.dlpi_name = "vdso";
  info.dlpi_phdr = segments();
  info.dlpi_phnum = ((const ElfW(Ehdr) *)page)->e_phnum;
  int result = page ? visit(&info, sizeof info, data) : 0;
  return result ? result : others(visit, data);
}

// For the compiler's unwinder.
__attribute__((used)) int _dl_find_object(void *address, struct dl_find_object *result) {
  typedef int find(void *, struct dl_find_object *);
  if ((uintptr_t)address - page >= VDSO_PAGE_SIZE)
    return ((find *)dlsym(RTLD_NEXT, "_dl_find_object"))(address, result);
  memset(result, 0, sizeof *result);
  result->dlfo_map_start = (void *)page;
  result->dlfo_map_end = (void *)(page + VDSO_PAGE_SIZE);
  const ElfW(Phdr) *segment = segments();
  while (segment->p_type != PT_GNU_EH_FRAME) segment++;
  result->dlfo_eh_frame = (void *)(page + segment->p_vaddr);
  return 0;
}

// ---- Stepping ----

#if defined(__i386__)
#define SET_TRAP_FLAG __asm__ volatile("pushfl; orl $0x100, (%%esp); popfl" ::: "memory", "cc")
#define CLEAR_TRAP_FLAG __asm__ volatile("pushfl; andl $~0x100, (%%esp); popfl" ::: "memory", "cc")
#else  // below the red zone
#define SET_TRAP_FLAG                                                                                     \
  __asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; orl $0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" :: \
                       : "memory", "cc")
#define CLEAR_TRAP_FLAG                                                                                     \
  __asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; andl $~0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" :: \
                       : "memory", "cc")
#endif

// Records an instruction, and makes the change that the call asks for. Returns whether the instruction is the page's.
static int stop_at(const ucontext_t *context) {
  static int has_counter;
  uintptr_t pc = (uintptr_t)context->uc_mcontext.gregs[PC];
  if (has_counter && window_follows)
    for (int copy = 0; copy < 2; copy++)
      for (int id = 0; id < VDSO_CLOCK_COUNT; id++)
        (copy ? &stepped_time->copy1 : &stepped_time->copy0)->clocks[id].base =
            (uint64_t)(uint32_t)context->uc_mcontext.gregs[DX] << 32;
  int is_inside = pc - page < VDSO_PAGE_SIZE;
  has_counter = is_inside && (memcmp((void *)pc, "\x0f\x31", 2) == 0 || memcmp((void *)pc, "\x0f\x01\xf9", 3) == 0);
  if (!is_inside) return 0;
  visited[pc - page] = 1;
  if (++steps % 3 == 0 && page_changes) *(volatile uint32_t *)&stepped_time->sequence += 2;
  return 1;
}

static void catch_traps(char *code, void *time, void (*stop)(int, siginfo_t *, void *)) {
  page = (uintptr_t)code;
  stepped_time = (vdso_time_page_t *)time;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = stop;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGTRAP, &action, NULL);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_UNBLOCK, &all, NULL);
}

static void report(const char *what, long count) {
  int instructions = 0;
  for (int i = 0; i < VDSO_PAGE_SIZE; i++) instructions += visited[i];
  printf("%ld %s at %d instructions\n", count, what, instructions);
}

#endif
