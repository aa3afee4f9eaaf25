// SPDX-License-Identifier: Apache-2.0

// Unwinds to main at each instruction of the page that a call of unwind.c executes: with libunwind, or, with COMPILERS, with the compiler's
// own _Unwind_Backtrace. Exits with 1 at the first instruction from which main isn't found.

#define _GNU_SOURCE
#define UNW_LOCAL_ONLY
#ifdef COMPILERS
#include <unwind.h>
#else
#include <libunwind.h>
#endif

#include "stepped.h"

int main(int, char **);

#ifdef COMPILERS

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *found) {
  // A return address: the call is before it.
  if (_Unwind_FindEnclosingFunction((void *)(_Unwind_GetIP(context) - 1)) != (void *)main) return _URC_NO_REASON;
  *(int *)found = 1;
  return _URC_END_OF_STACK;
}

static int reaches_main(ucontext_t *context) {
  int found = 0;
  (void)context;
  _Unwind_Backtrace(look, &found);
  return found;
}

#else

static int reaches_main(ucontext_t *context) {
  unw_cursor_t cursor;
  if (unw_init_local2(&cursor, context, UNW_INIT_SIGNAL_FRAME) != 0) return 0;
  for (int depth = 0; depth < 64; depth++) {
    unw_proc_info_t function;
    if (unw_get_proc_info(&cursor, &function) == 0 && function.start_ip == (uintptr_t)main) return 1;
    if (unw_step(&cursor) <= 0) return 0;
  }
  return 0;
}

#endif

static void stop(int number, siginfo_t *info, void *context) {
  (void)number, (void)info;
  if (!stop_at(context) || reaches_main(context)) return;
  printf("failed: at 0x%zx main isn't reached\n", (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[PC] - page);
  fflush(stdout);
  _Exit(1);
}

void start_stepping(char *code, void *time) { catch_traps(code, time, stop); }

__attribute__((noinline)) long call_one(long (*function)(long, long, long, long, long), long a, long b, long c, long d,
                                        long e) {
  SET_TRAP_FLAG;
  long result = function(a, b, c, d, e);
  CLEAR_TRAP_FLAG;
  return result;
}

void handle(int signal) {
  (void)signal;
  SET_TRAP_FLAG;
}

void finished(void) { report("backtraces", steps); }
