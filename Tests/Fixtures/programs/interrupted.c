// SPDX-License-Identifier: Apache-2.0

// Interrupts readings of a clock by a signal handler. For a line of input with a number, reads the date by the function of the kernel's
// vDSO, one instruction after the other. After so many of them, counted from that function's start, the handler prints how far from the
// start the program is, and waits for a line. Then the reading goes on, and the hours by which it is ahead of the kernel's are printed, or
// "failed". For an empty line, prints the hours at once. The argument is a sum: 1 for a handler on a signal stack, 2 for a frame without
// siginfo (i386 alone).

#define _GNU_SOURCE
#include "kernel-date.h"
#include "vdso-image.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>

#if defined(__i386__)
typedef int64_t clock_words[2];
#define FUNCTION PREFIX "clock_gettime64"
enum { COUNTER = REG_EIP, FLAGS = REG_EFL };
#elif defined(__x86_64__)
typedef long clock_words[2];
#define FUNCTION PREFIX "clock_gettime"
enum { COUNTER = REG_RIP, FLAGS = REG_EFL };
#else
#error "this program steps by a flag of x86"
#endif

static int (*read_date)(clockid_t, clock_words);
static long left;
static int has_begun;
static const long step_flag = 0x100;

// The line lies between the frame of the call that waits and the signal frame, which is so found by its own form alone.
static void wait_for_line(void) {
  volatile char line[2048];
  size_t length = 0;
  while (length < sizeof line && read(0, (char *)line + length, 1) == 1 && line[length] != '\n') length++;
}

// Sets or deletes the flag by which the processor traps after each instruction.
static void step(uintptr_t counter, volatile long *flags) {
  if (counter == (uintptr_t)read_date) has_begun = 1;
  if (!has_begun || left-- > 0) return;
  *flags &= ~step_flag;
  printf("%ld\n", (long)(counter - (uintptr_t)read_date));
  fflush(stdout);
  wait_for_line();
}

static void on_step(int number, siginfo_t *information, void *context) {
  (void)number, (void)information;
  ucontext_t *interrupted = context;
  long flags = interrupted->uc_mcontext.gregs[FLAGS];
  step((uintptr_t)interrupted->uc_mcontext.gregs[COUNTER], &flags);
  interrupted->uc_mcontext.gregs[FLAGS] = flags;
}

#ifdef __i386__
// The frame has the handler's return address, the number of the signal, and then the registers.
static void on_step_plain(int number) {
  (void)number;
  struct sigcontext *interrupted = (struct sigcontext *)((char *)__builtin_frame_address(0) + 12);
  long flags = (long)interrupted->eflags;
  step(interrupted->eip, &flags);
  interrupted->eflags = (unsigned long)flags;
}
#endif

static void begin(int number, siginfo_t *information, void *context) {
  (void)number, (void)information;
  ((ucontext_t *)context)->uc_mcontext.gregs[FLAGS] |= step_flag;
}

static void print_hours(void) {
  clock_words date = {0, 0};
  if (left >= 0) raise(SIGUSR1);
  int result = read_date(CLOCK_REALTIME, date);
  if (result != 0) {
    printf("failed\n");
  } else {
    printf("%lld\n", (long long)hours_ahead(date[0]));
  }
  fflush(stdout);
}

int main(int count, char **arguments) {
  static char signal_stack[1 << 16];
  int kind = count > 1 ? atoi(arguments[1]) : 0;
  Image image;
  if (!open_image(&image) || (read_date = find(&image, FUNCTION)) == NULL) return 2;
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  struct sigaction action = {.sa_flags = SA_SIGINFO}, steps = {.sa_flags = SA_SIGINFO};
  action.sa_sigaction = begin;
  steps.sa_sigaction = on_step;
#ifdef __i386__
  if (kind & 2) {
    steps.sa_flags = 0;
    steps.sa_handler = on_step_plain;
  }
#endif
  // What starts the program may block signals.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (kind & 1) steps.sa_flags |= SA_ONSTACK;
  if (sigaltstack(&stack, NULL) || sigaction(SIGUSR1, &action, NULL) || sigaction(SIGTRAP, &steps, NULL)) return 2;
  printf("%d\n", (int)getpid());
  fflush(stdout);
  char line[64];
  size_t length = 0;
  while (read(0, line + length, 1) == 1) {
    if (line[length++] != '\n') continue;
    left = length > 1 ? atol(line) : -1;
    has_begun = length = 0;
    print_hours();
  }
  return 0;
}
