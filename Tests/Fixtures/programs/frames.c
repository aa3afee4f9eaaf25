// SPDX-License-Identifier: Apache-2.0

// Executes calls of the clock one instruction at a time. At each instruction in the vDSO, ours or the kernel's, it looks for main: by the
// chain of frame pointers, and by the compiler's unwinder. Prints "steps N, of them in the kernel's image N; lost by frame pointers N, by
// the unwinder N"; exits with 1 if any was lost. With an argument, the mapping of that name in /proc/self/maps counts as well.

#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unwind.h>

#ifdef __i386__
enum { PC = REG_EIP, FRAME = REG_EBP };
#define SET_TRAP "pushfl\n\torl $0x100, (%%esp)\n\tpopfl"
#define CLEAR_TRAP "pushfl\n\tandl $~0x100, (%%esp)\n\tpopfl"
#else
enum { PC = REG_RIP, FRAME = REG_RBP };
#define SET_TRAP "pushfq\n\torq $0x100, (%%rsp)\n\tpopfq"
#define CLEAR_TRAP "pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq"
#endif

int main(int, char **);

static uintptr_t page, kernel_start, kernel_end, file_start, file_end, stack_end;
static long steps, steps_of_kernel, lost_frames, lost_rules;
// Whether the libc function around it uses the frame pointer for something else, as glibc's clock_getres does.
static int is_hidden;

static int is_in_main(uintptr_t address) {
  return _Unwind_FindEnclosingFunction((void *)(address - 1)) == (void *)main;
}

static int reaches_main_by_frames(const ucontext_t *context) {
  const uintptr_t *frame = (const uintptr_t *)context->uc_mcontext.gregs[FRAME];
  for (int depth = 0; depth < 64; depth++) {
    if ((uintptr_t)frame % sizeof *frame || (uintptr_t)frame < (uintptr_t)&context || (uintptr_t)frame >= stack_end)
      return 0;
    if (is_in_main(frame[1])) return 1;
    frame = (const uintptr_t *)frame[0];
  }
  return 0;
}

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *found) {
  if (!is_in_main(_Unwind_GetIP(context))) return _URC_NO_REASON;
  *(int *)found = 1;
  return _URC_END_OF_STACK;
}

static void stop(int number, siginfo_t *info, void *machine) {
  const ucontext_t *context = machine;
  uintptr_t place = (uintptr_t)context->uc_mcontext.gregs[PC];
  int found = 0, is_kernels = place >= kernel_start && place < kernel_end;
  (void)number, (void)info;
  if (!is_kernels && (place < page || place >= page + 4096) && (place < file_start || place >= file_end)) return;
  steps++;
  steps_of_kernel += is_kernels;
  if (!is_hidden && !reaches_main_by_frames(context)) lost_frames++;
  _Unwind_Backtrace(look, &found);
  if (!found) {
    lost_rules++;
    if (getenv("FRAMES_VERBOSE")) printf("lost at 0x%zx\n", place - (is_kernels ? kernel_start : page));
  }
}

__attribute__((noinline)) static void step(int which) {
  struct timespec now;
  struct timeval day;
  time_t seconds;
  is_hidden = which == 3;
  __asm__ volatile(SET_TRAP ::: "cc", "memory");
  switch (which) {
    case 0:
      clock_gettime(CLOCK_REALTIME, &now);
      break;
    case 1:
      clock_gettime(CLOCK_MONOTONIC, &now);
      break;
    case 2:
      clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
      break;
    case 3:
      clock_getres(CLOCK_MONOTONIC, &now);
      break;
    case 4:
      gettimeofday(&day, NULL);
      break;
    default:
      time(&seconds);
      break;
  }
  __asm__ volatile(CLEAR_TRAP ::: "cc", "memory");
}

__attribute__((noinline)) static void step_all(void) {
  for (int which = 0; which < 6; which++) step(which);
  __asm__ volatile("");
}

static void find_ranges(const char *file) {
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  page = getauxval(AT_SYSINFO_EHDR);
  while (maps && fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    if (sscanf(line, "%lx-%lx", &start, &end) != 2) continue;
    if (strstr(line, "[vdso]")) kernel_start = start, kernel_end = end;
    if (strstr(line, "[stack]")) stack_end = end;
    if (file && strstr(line, file)) file_start = file_start ? file_start : start, file_end = end;
  }
  if (maps) fclose(maps);
}

int main(int count, char **arguments) {
  (void)count;
  find_ranges(arguments[1]);
  struct sigaction action = {.sa_sigaction = stop, .sa_flags = SA_SIGINFO};
  int ignored = 0;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);  // finds the function
  _Unwind_Backtrace(look, &ignored);    // and loads the unwinder's library
  sigaction(SIGTRAP, &action, NULL);
  step_all();
  printf("steps %ld, of them in the kernel's image %ld; lost by frame pointers %ld, by the unwinder %ld\n", steps,
         steps_of_kernel, lost_frames, lost_rules);
  return steps < 30 || lost_frames || lost_rules;
}
