// SPDX-License-Identifier: Apache-2.0

// Throws a C++ exception from a signal handler that has interrupted the page, up to ten times from each instruction that calls of unwind.c
// execute, and catches it in the caller. Exits with 1 if a frame in between isn't cleaned up. If a frame can't be unwound, the runtime ends
// the program.

#include <cstdio>
#include <cstdlib>

#include "stepped.h"

namespace {

struct Interrupted {};

struct Cleanup {
  int &count;
  ~Cleanup() { count++; }
};

// The number of exceptions from one instruction.
const int enough = 10;

int thrown_from[VDSO_PAGE_SIZE];
// The number of instructions of this call so far, and the number of those to skip because it has thrown from them.
long position, passed;
long thrown;

void stop(int, siginfo_t *, void *context) {
  auto *machine = static_cast<ucontext_t *>(context);
  if (!stop_at(machine) || ++position <= passed) return;
  if (++thrown_from[static_cast<uintptr_t>(machine->uc_mcontext.gregs[PC]) - page] > enough) return;
  passed = position;
  thrown++;
  throw Interrupted{};
}

typedef long function_type(long, long, long, long, long);

__attribute__((noinline)) long step(function_type *function, int &cleaned, long a, long b, long c, long d, long e) {
  Cleanup cleanup{cleaned};
  SET_TRAP_FLAG;
  long result = function(a, b, c, d, e);
  CLEAR_TRAP_FLAG;
  return result;
}

}  // namespace

void start_stepping(char *code, void *time) { catch_traps(code, time, stop); }

long call_one(function_type *function, long a, long b, long c, long d, long e) {
  for (passed = 0;;) {
    int cleaned = 0;
    position = 0;
    try {
      return step(function, cleaned, a, b, c, d, e);
    } catch (const Interrupted &) {
      if (cleaned == 1) continue;
      std::printf("failed: a frame was not cleaned up\n");
      std::fflush(stdout);
      std::_Exit(1);
    }
  }
}

void handle(int) {}

void finished() { report("exceptions", thrown); }
