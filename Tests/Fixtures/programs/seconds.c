// SPDX-License-Identifier: Apache-2.0

// Prints the time in seconds since 1970.

#include <stdio.h>
#include <time.h>

int main(void) {
  printf("%lld\n", (long long)time(NULL));
  return 0;
}
