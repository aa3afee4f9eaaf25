// SPDX-License-Identifier: Apache-2.0

// An independent reader of FreeBSD's shared page. It reads a file of records, each with a page's structure and a 32-bit counter value, and
// prints one line for each: uptime and date, as seconds and 2^-64 parts, or "none". Compiled for 64 bits and for i386.
#include <inttypes.h>
#include <stdio.h>

#if defined(__i386__)
typedef int32_t seconds;
#else
typedef int64_t seconds;
#endif

struct bintime {
  seconds sec;
  uint64_t frac;
};

struct timehands {
  uint32_t algo, gen;
  uint64_t scale;
  uint32_t offset_count, counter_mask;
  struct bintime offset, boottime;
  uint32_t shift, hpet, reserved[6];
};

struct timekeep {
  uint32_t ver, enabled, current;
  struct timehands th[4];
};

static void add(struct bintime *time, seconds sec, uint64_t frac) {
  uint64_t sum = time->frac + frac;
  time->sec += sec + (sum < frac);
  time->frac = sum;
}

// scale * delta in halves, because there may be no 128-bit integers.
static void advance(struct bintime *time, uint64_t scale, uint32_t delta) {
  uint64_t low = (scale & 0xffffffff) * delta, high = (scale >> 32) * delta;
  add(time, (seconds)(high >> 32), high << 32);
  add(time, 0, low);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file) return 3;
  struct timekeep page;
  uint32_t count;
  while (fread(&page, sizeof page, 1, file) == 1 && fread(&count, sizeof count, 1, file) == 1) {
    if (page.ver != 1 || !page.enabled || page.current > 3 || page.th[page.current].gen == 0) {
      puts("none");
      continue;
    }
    const struct timehands *th = &page.th[page.current];
    struct bintime time = th->offset;
    advance(&time, th->scale, (count - th->offset_count) & th->counter_mask);
    printf("%" PRId64 " %" PRIu64, (int64_t)time.sec, time.frac);
    add(&time, th->boottime.sec, th->boottime.frac);
    printf(" %" PRId64 " %" PRIu64 "\n", (int64_t)time.sec, time.frac);
  }
  return 0;
}
