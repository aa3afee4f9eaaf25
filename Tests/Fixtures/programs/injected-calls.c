// SPDX-License-Identifier: Apache-2.0

// Works through a list of calls in this process with the code that tasks are given, as injected_calls.h describes it. Checks the effect of
// every entry, and that the program then continues with the given registers and signal mask. Compiled together with CLinux's files of the
// architecture; prints the number of failures.

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "injected_calls.h"

enum { NOT_MADE = -115 };

static _Alignas(16) struct { uint64_t list[4096]; } area;
static size_t used;
static uint64_t text[2] = {0x1111, 0x2222};
static _Alignas(16) char stack[65536];
static uint64_t sum, *process, *failed, *passed, *after, *copied;
static int failures;

#define CHECK(condition)                \
  if (!(condition)) {                   \
    failures++;                         \
    printf("failed: %s\n", #condition); \
  }

static uint64_t *call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t distance) {
  uint64_t entry[] = {(uint64_t)number, a, b, c, 0, 0, 0, distance, (uint64_t)NOT_MADE};
  memcpy(area.list + used, entry, sizeof entry);
  used += 9;
  return area.list + used - 1;
}

static void special(int64_t kind, const void *source, uint64_t count, void *destination) {
  uint64_t entry[] = {(uint64_t)kind, (uintptr_t)source, count, (uintptr_t)destination};
  memcpy(area.list + used, entry, sizeof entry);
  used += 4;
}

// The program continues here. The two arguments come in registers of their own on every architecture.
__attribute__((noreturn)) static void go_on(uint64_t zero, uint64_t first, uint64_t second) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  CHECK(first == 0x123456789abcdef0 && second == 0x0fedcba987654321);
#if !defined(__x86_64__)
  CHECK(zero == 0);
#endif
  (void)zero;
  CHECK((char *)__builtin_frame_address(0) > stack && (char *)__builtin_frame_address(0) <= stack + sizeof stack);
  CHECK(sigismember(&mask, SIGUSR1) == 1 && sigismember(&mask, SIGUSR2) == 0);
  CHECK((pid_t)*process == getpid());
  CHECK((int64_t)*failed == -9);
  CHECK((int64_t)*passed == NOT_MADE);
  CHECK((pid_t)*after == getpid());
  CHECK(sum == *process + 5);
  CHECK(*copied == 0x2222);
  printf("%d failures\n", failures);
  exit(failures != 0);
}

int main(void) {
  uint64_t place;
  process = call(SYS_getpid, 0, 0, 0, 0);
  special(-2, process, 5, &sum);
  copied = text;
  special(-3, text + 1, sizeof *text, text);
  // This call fails and skips the next one.
  failed = call(SYS_close, (uint64_t)-1, 0, 0, 9 * sizeof(uint64_t));
  passed = call(SYS_write, 1, (uintptr_t) "wrong\n", 6, 0);
  // This call fails and skips nothing.
  call(SYS_close, (uint64_t)-1, 0, 0, 0);
  after = call(SYS_getpid, 0, 0, 0, 0);

  linux_registers registers;
  memset(&registers, 0, sizeof registers);
  uint64_t top = (uintptr_t)(stack + sizeof stack);
#if defined(__x86_64__)
  registers.rip = (uintptr_t)go_on, registers.rsp = top - 8, registers.cs = 0x33, registers.ss = 0x2b;
  registers.rsi = 0x123456789abcdef0, registers.rdx = 0x0fedcba987654321, registers.eflags = 0x202;
#elif defined(__aarch64__)
  registers.pc = (uintptr_t)go_on, registers.sp = top;
  registers.regs[0] = 99, registers.regs[1] = 0x123456789abcdef0, registers.regs[2] = 0x0fedcba987654321;
#else
  registers.pc = (uintptr_t)go_on, registers.sp = top;
  __asm__("mv %0, gp" : "=r"(registers.gp));
  __asm__("mv %0, tp" : "=r"(registers.tp));
  registers.a0 = 99, registers.a1 = 0x123456789abcdef0, registers.a2 = 0x0fedcba987654321;
#endif
  place = (uintptr_t)(area.list + used);
  linux_write_resume(&registers, 1 << (SIGUSR1 - 1), place, area.list + used);

  size_t size = linux_injected_calls_code_size(false);
  void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(code, linux_injected_calls_code(false), size);
  mprotect(code, 4096, PROT_READ | PROT_EXEC);
  __builtin___clear_cache(code, (char *)code + size);
#if defined(__x86_64__)
  __asm__ volatile("movq %0, %%rsp\n\tjmpq *%1" : : "r"(area.list), "r"(code) : "memory");
#elif defined(__aarch64__)
  __asm__ volatile("mov x19, %0\n\tbr %1" : : "r"(area.list), "r"(code) : "memory", "x19");
#else
  __asm__ volatile("mv s0, %0\n\tjr %1" : : "r"(area.list), "r"(code) : "memory", "s0");
#endif
  __builtin_unreachable();
}
