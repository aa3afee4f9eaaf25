// SPDX-License-Identifier: Apache-2.0

// Ends in the way that the argument names: by a fault, by a signal to itself, or by running out of stack. "deep N" uses N MiB of stack and
// succeeds.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int use_stack(long long bytes) {
  volatile char room[16384];
  memset((char *)room, 1, sizeof room);
  if (bytes <= 0) return room[0];
  return use_stack(bytes - (long long)sizeof room) + room[1];
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  const char *way = arguments[1];
  printf("before %s\n", way);
  fflush(stdout);
  volatile int zero = 0;
  if (!strcmp(way, "null"))
    *(volatile int *)8 = 1;
  else if (!strcmp(way, "divide"))
    return 1 / zero;
  else if (!strcmp(way, "illegal"))
    __builtin_trap();
  else if (!strcmp(way, "code"))
    *(volatile char *)(void *)main = 0;
  else if (!strcmp(way, "abort"))
    abort();
  else if (!strcmp(way, "stack"))
    return use_stack(1LL << 50);
  else if (!strcmp(way, "deep"))
    return use_stack(atoll(arguments[2]) << 20) == 0;
  else if (!strcmp(way, "pipe")) {
    int ends[2];
    if (pipe(ends) || close(ends[0])) return 3;
    return write(ends[1], "x", 1) == 1;
  } else
    raise(atoi(way));
  return 4;
}
