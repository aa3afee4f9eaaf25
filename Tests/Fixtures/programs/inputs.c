// SPDX-License-Identifier: Apache-2.0

// Prints a program's environment that may differ between runs: random bytes, addresses, clocks. Then another program does the same.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int global;

static void print(const char *name, const unsigned char *bytes, int count) {
  printf("%s ", name);
  for (int i = 0; i < count; i++) printf("%02x", bytes[i]);
  printf("\n");
}

int main(int count, char **arguments) {
  unsigned char bytes[300];
  int local;
  print("AT_RANDOM", (const unsigned char *)getauxval(AT_RANDOM), 16);
  printf("addresses %p %p %p %#lx\n", (void *)&global, (void *)&local, malloc(10), getauxval(AT_SYSINFO_EHDR));
  if (getrandom(bytes, 8, 0) != 8) return 1;
  print("getrandom", bytes, 8);
  if (syscall(SYS_getrandom, bytes, sizeof bytes, GRND_NONBLOCK) != sizeof bytes) return 2;
  print("system call", bytes, sizeof bytes);
  if (syscall(SYS_getrandom, bytes, 1, GRND_RANDOM | 4) != -1) return 3;
  if (syscall(SYS_getrandom, NULL, 1, 0) != -1) return 4;
  for (int clock = 0; clock < 12; clock++) {
    struct timespec time;
    if (clock == 2 || clock == 3 || clock == 10 || clock_gettime(clock, &time) != 0) continue;
    printf("clock %d %lld.%09ld\n", clock, (long long)time.tv_sec, time.tv_nsec);
  }
  printf("time %lld\n", (long long)time(NULL));
  fflush(stdout);
  // Executes itself as another program of the same session.
  if (count > 1) return 0;
  execl(arguments[0], arguments[0], "again", NULL);
  return 5;
}
