// SPDX-License-Identifier: Apache-2.0

// Reads a stepped date COUNT times, with a pause in between. Prints "0 failures" if each reading was later than the one before it. Usage:
// step-watch COUNT BEFORE. If the first reading isn't before the year BEFORE, it prints "on the kernel's page" and exits.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments) {
  struct timespec time;
  time_t last = 0;
  int failures = 0;
  if (count != 3 || clock_gettime(CLOCK_REALTIME, &time) != 0) return 99;
  if (gmtime(&time.tv_sec)->tm_year + 1900 >= atoi(arguments[2])) {
    printf("on the kernel's page\n");
    return 0;
  }
  for (int left = atoi(arguments[1]); left > 0; left--) {
    last = time.tv_sec;
    usleep(100);
    failures += clock_gettime(CLOCK_REALTIME, &time) != 0 || time.tv_sec <= last;
  }
  printf("%d failures\n", failures);
  return failures != 0;
}
