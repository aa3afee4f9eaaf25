// SPDX-License-Identifier: Apache-2.0

// Prints whether constants that need relocation have become read-only, as PT_GNU_RELRO asks, and variables have not.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static sigjmp_buf place;

static void fault(int signal) { siglongjmp(place, signal); }

static int first(void) { return 1; }
static int second(void) { return 2; }

// Addresses: the dynamic linker, or a static program itself, writes them.
static int (*const constants[])(void) = {first, second};
static int (*variables[])(void) = {first, second};

static int can_write(void *address) {
  volatile char *byte = address;
  if (sigsetjmp(place, 1)) return 0;
  *byte = *byte;
  return 1;
}

int main(int count, char **arguments) {
  (void)arguments;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGSEGV, fault);
  printf("calls: %d\n", constants[count & 1]() * 10 + variables[count & 1]());
  printf("constants can be written: %s\n", can_write((void *)constants) ? "wrong" : "never");
  printf("variables can be written: %s\n", can_write((void *)variables) ? "yes" : "wrong");
  return 0;
}
