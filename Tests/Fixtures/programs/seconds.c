// SPDX-License-Identifier: Apache-2.0

// Prints the time in seconds since 1970. With an argument, it then waits for the end of its input, and prints the time again.

#include <stdio.h>
#include <time.h>

int main(int argc, char **argv) {
  (void)argv;
  printf("%lld\n", (long long)time(NULL));
  if (argc == 1) return 0;
  fflush(stdout);
  while (getchar() != EOF) {
  }
  printf("%lld\n", (long long)time(NULL));
  return 0;
}
