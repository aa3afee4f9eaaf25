// SPDX-License-Identifier: Apache-2.0

// Counts the instructions of one call to the kernel's page and to ours, by single steps of a tracer.
// Usage: instruction-count PAGE, the code page of this program's architecture.

#include <elf.h>
#include <limits.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "../Tests/Fixtures/images/pages.h"
#include "vdso-function.h"

#include "page-states.h"

#ifdef __i386__
#define CLOCK "__vdso_clock_gettime64"
#define PLACE eip
#define STACK esp
#else
#define CLOCK "__vdso_clock_gettime"
#define PLACE rip
#define STACK rsp
#endif

static long result[8];

// Steps a child through one call of `function`, from its first instruction until it is back where it was called from.
static int instructions(clock_function function, long a, long b) {
  pid_t child = fork();
  if (child == 0) {
    long (*call)(long, long) = (long (*)(long, long))(uintptr_t)function;
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    call(a, b);
    _exit(0);
  }
  int status, count = 0;
  uintptr_t back = 0;
  struct user_regs_struct registers;
  for (waitpid(child, &status, 0); WIFSTOPPED(status); waitpid(child, &status, 0)) {
    ptrace(PTRACE_GETREGS, child, NULL, &registers);
    if (back == 0 && (uintptr_t)registers.PLACE == (uintptr_t)function)
      back = (uintptr_t)ptrace(PTRACE_PEEKDATA, child, (void *)registers.STACK, NULL);
    if (back != 0 && (uintptr_t)registers.PLACE == back) break;
    if (back != 0) count++;
    ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
  }
  ptrace(PTRACE_KILL, child, NULL, NULL);
  waitpid(child, &status, 0);
  return count;
}

// The least of some calls: readers repeat a reading while the page is written to.
static int least_instructions(const char *page, const char *name, long a, long b) {
  int least = INT_MAX;
  for (int i = 0; i < 10; i++) {
    int count = instructions(function_of(page, name), a, b);
    if (count < least) least = count;
  }
  return least;
}

static void compare(const char *what, const char *name, long a, long b) {
  printf("  %-32s %3d %3d\n", what, least_instructions((const char *)getauxval(AT_SYSINFO_EHDR), name, a, b),
         least_instructions((const char *)code_page, name, a, b));
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  map_pages(arguments[1]);
  set_published();
  // Waits until the counter's low word is small: the counter then stays in the window until the word wraps, long enough for single steps.
  while ((uint32_t)counter() > 1u << 30) continue;
  set_counter(VDSO_COUNTER_LFENCE_RDTSC, frequency());
  printf("%d-bit: instructions of a call by the kernel's page and by ours\n", (int)sizeof(void *) * 8);
  compare("clock_gettime REALTIME", CLOCK, 0, (long)result);
  compare("clock_gettime REALTIME_COARSE", CLOCK, 5, (long)result);
  compare("gettimeofday", "__vdso_gettimeofday", (long)result, 0);
  compare("time", "__vdso_time", 0, 0);
  return 0;
}
