// SPDX-License-Identifier: Apache-2.0

// Prints the clocks before and after a sleep of 20 ms, in lines `name seconds nanoseconds`.

#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static const struct {
  const char *name;
  clockid_t id;
} clocks[] = {
    {"REALTIME", CLOCK_REALTIME},   {"TAI", 11},     {"REALTIME_COARSE", 5},
    {"MONOTONIC", CLOCK_MONOTONIC}, {"BOOTTIME", 7}, {"MONOTONIC_RAW", 4},
};

static void print(void) {
  struct timespec now;
  for (unsigned i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
    if (clock_gettime(clocks[i].id, &now) != 0) return;
    printf("%s %lld %09ld\n", clocks[i].name, (long long)now.tv_sec, now.tv_nsec);
  }
  struct timeval day;
  gettimeofday(&day, NULL);
  printf("gettimeofday %lld %06ld000\n", (long long)day.tv_sec, (long)day.tv_usec);
  printf("time %lld 000000000\n", (long long)time(NULL));
}

int main(void) {
  struct timespec rest = {0, 20000000};
  print();
  while (nanosleep(&rest, &rest) != 0) {
  }
  print();
  return 0;
}
