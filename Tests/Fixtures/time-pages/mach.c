// SPDX-License-Identifier: Apache-2.0

// An independent view of Mach's mapped time: prints the fields of the structure in a file, on one line, and its size.
#include <inttypes.h>
#include <stdio.h>

struct time_value64 {
  int64_t seconds, nanoseconds;
};

struct mapped_time_value {
  int32_t seconds, microseconds, check_seconds;
  struct time_value64 time_value;
  int64_t check_seconds64;
  struct time_value64 uptime_value;
  int64_t check_upseconds64;
};

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  FILE *file = fopen(argv[1], "rb");
  struct mapped_time_value page;
  if (!file || fread(&page, sizeof page, 1, file) != 1) return 3;
  printf("%" PRId32 " %" PRId32 " %" PRId32 " ", page.seconds, page.microseconds, page.check_seconds);
  printf("%" PRId64 " %" PRId64 " %" PRId64 " ", page.time_value.seconds, page.time_value.nanoseconds,
         page.check_seconds64);
  printf("%" PRId64 " %" PRId64 " %" PRId64 " ", page.uptime_value.seconds, page.uptime_value.nanoseconds,
         page.check_upseconds64);
  printf("%zu\n", sizeof page);
  return 0;
}
