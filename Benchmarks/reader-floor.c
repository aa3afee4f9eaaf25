// SPDX-License-Identifier: Apache-2.0

// What the hardware allows: the reading of a clock, built up step by step in assembly, against the kernel's page, in turns. Usage:
// reader-floor. It reads the counter by lfence;rdtsc and by rdtscp. The best of 300 rounds counts.

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include "../Tests/Fixtures/images/pages.h"
#include "vdso-function.h"

#include "rounds.h"

// A clock of the time page, laid out as vdso_clock_t: 0 sequence, 8 base, 24 mult, 32 phase, 40 seconds, 56 window.
uint64_t page[8] __attribute__((aligned(64)));

#define FUNCTION(name, body) \
  int name(int, void *);     \
  __asm__(".text\n.balign 64\n.globl " #name "\n" #name ":\n" body)

#ifdef __i386__
#define RESULT "movl 8(%esp), %ecx\n movl %eax, (%ecx)\n movl %edx, 4(%ecx)\n xorl %eax, %eax\n ret\n"
#define STEPS(way, read)                                                                                              \
  FUNCTION(counter_only_##way, read RESULT);                                                                          \
  FUNCTION(with_product_##way, read " mull page+24\n addl page+32, %eax\n adcl page+36, %edx\n" RESULT);              \
  FUNCTION(complete_##way,                                                                                            \
           "pushl %ebx\n pushl %esi\n leal page, %ebx\n movl (%ebx), %esi\n" read                                     \
           " cmpl 12(%ebx), %edx\n jne 9f\n movl %eax, %ecx\n subl 8(%ebx), %ecx\n cmpl 56(%ebx), %ecx\n ja 9f\n"     \
           " mull 24(%ebx)\n addl 32(%ebx), %eax\n adcl 36(%ebx), %edx\n"                                             \
           " movl 40(%ebx), %eax\n movl 44(%ebx), %ecx\n cmpl (%ebx), %esi\n jne 9f\n"                                \
           " movl 16(%esp), %ebx\n movl %eax, (%ebx)\n movl %ecx, 4(%ebx)\n movl %edx, 8(%ebx)\n movl $0, 12(%ebx)\n" \
           " xorl %eax, %eax\n popl %esi\n popl %ebx\n ret\n9: ud2\n")
#else
#define RESULT "movq %rax, (%rsi)\n xorl %eax, %eax\n ret\n"
#define STEPS(way, read)                                                                                       \
  FUNCTION(counter_only_##way, read " shlq $32, %rdx\n orq %rdx, %rax\n" RESULT);                              \
  FUNCTION(with_product_##way,                                                                                 \
           read " imulq page+24(%rip), %rax\n addq page+32(%rip), %rax\n shrq $32, %rax\n" RESULT);            \
  FUNCTION(complete_##way,                                                                                     \
           "leaq page(%rip), %r8\n movl (%r8), %r9d\n" read                                                    \
           " cmpl 12(%r8), %edx\n jne 9f\n movl %eax, %ecx\n subl 8(%r8), %ecx\n cmpl 56(%r8), %ecx\n ja 9f\n" \
           " imulq 24(%r8), %rax\n addq 32(%r8), %rax\n shrq $32, %rax\n"                                      \
           " movq 40(%r8), %rdx\n cmpl (%r8), %r9d\n jne 9f\n"                                                 \
           " movq %rdx, (%rsi)\n movq %rax, 8(%rsi)\n xorl %eax, %eax\n ret\n9: ud2\n")
#endif

STEPS(lfence, "lfence\n rdtsc\n");
STEPS(rdtscp, "rdtscp\n");

LOOP(time_kernel, clock_function, function(0, result))
LOOP(time_0, clock_function, function(0, result))
LOOP(time_1, clock_function, function(0, result))
LOOP(time_2, clock_function, function(0, result))
LOOP(time_3, clock_function, function(0, result))
LOOP(time_4, clock_function, function(0, result))
LOOP(time_5, clock_function, function(0, result))

// Opens a window: for the next eighth of a second or so, the counter's low word doesn't wrap.
static void open_window(void) {
  while (((counter() + 400000000) ^ counter()) >> 32) continue;
  page[1] = counter() >> 32 << 32;
}

int main(void) {
  page[3] = 1 << 30;
  page[7] = UINT32_MAX;
  const char *name = sizeof(void *) == 8 ? "__vdso_clock_gettime" : "__vdso_clock_gettime64";
  clock_function kernel = function_of((const char *)getauxval(AT_SYSINFO_EHDR), name);
  struct {
    void (*time)(clock_function, double *);
    clock_function function;
    double best;
  } steps[] = {{time_0, counter_only_lfence, 1e9}, {time_1, counter_only_rdtscp, 1e9},
               {time_2, with_product_lfence, 1e9}, {time_3, with_product_rdtscp, 1e9},
               {time_4, complete_lfence, 1e9},     {time_5, complete_rdtscp, 1e9}};
  static const char *const names[] = {"the counter, stored", "and multiplied, and added to",
                                      "and latch and age checked, seconds stored"};
  double kernel_best = 1e9, bare[2] = {1e9, 1e9};
  for (int round = 0; round < ROUNDS; round++) {
    time_kernel(kernel, &kernel_best);
    time_counters(bare);
    for (int i = 0; i < 6; i++) {
      open_window();
      steps[i].time(steps[i].function, &steps[i].best);
    }
  }
  printf("%d-bit, of the kernel's page, by lfence;rdtsc and by rdtscp\n", (int)sizeof(void *) * 8);
  printf("  %-54s %.3f %.3f\n", "the bare counter in a loop", bare[0] / kernel_best, bare[1] / kernel_best);
  for (int i = 0; i < 6; i += 2)
    printf("  a function: %-42s %.3f %.3f\n", names[i / 2], steps[i].best / kernel_best,
           steps[i + 1].best / kernel_best);
  return 0;
}
