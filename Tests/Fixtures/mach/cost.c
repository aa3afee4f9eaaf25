// SPDX-License-Identifier: Apache-2.0

// The costs of calls, by the counter, in lines `cost NAME CALLS CYCLES`.

#include "kernel_time.h"
#include "page_calls.h"
#include "report.h"
#include "tests.h"
#include "time_page.h"
#include "timekeeper.h"

extern const unsigned char vdso_page[VDSO_PAGE_SIZE];

enum { CALLS = 100000, CODE = 0x40002000 };

#define MEASURE(name, call)                                 \
  do {                                                      \
    uint64_t start = counter();                             \
    for (int i = 0; i < CALLS; i++) call;                   \
    say("cost %s %d %llu", name, CALLS, counter() - start); \
  } while (0)

// Makes pages of this task alone, whose line is valid for all of the loops. Rates below 2^32 take the shorter path.
static void set_pages(const volatile mapped_time_value_t *device, uint64_t mult) {
  vdso_time_page_t *page = (vdso_time_page_t *)(CODE - 2 * PAGE);
  line_t line = {.mult = mult, .limit = 0xfffffffe};
  initialize_time_page(page);
  line.real = instant_of_microseconds(next_tick(device, &line.base));
  line.real.rest = 0;
  publish(page, &line, 1, ~0ull);
}

static volatile uint32_t sink;

void measure_cost(void) {
  vm_address_t pages = CODE - 2 * PAGE, at = 0;
  pair_t time;
  int failed = 0;
  vm_allocate(mach_task_self(), &pages, 3 * PAGE, 0);
  memcpy((void *)CODE, vdso_page, PAGE);
  *(vdso_identity_page_t *)(CODE - PAGE) = (vdso_identity_page_t){
      .magic = VDSO_IDENTITY_MAGIC, .valid = 1 << VDSO_IDENTITY_PID, .words[VDSO_IDENTITY_PID] = 42};
  vm_map(mach_task_self(), &at, PAGE, 0, 1, open_time_device(), 0, 0, R, R, VM_INHERIT_NONE);
  const volatile mapped_time_value_t *device = (const volatile mapped_time_value_t *)at;
  line_t calibrated = calibrate(device);
  say("counter %llu", divide(1000000000ull << 32, calibrated.mult));
  set_pages(device, 0xfffffff0);
  MEASURE("gettimeofday", failed |= page_gettimeofday(CODE, &time));
  set_pages(device, 0xfffffff0);
  MEASURE("clock_gettime", failed |= page_clock_gettime(CODE, 0, &time));
  set_pages(device, 0x100000000);
  MEASURE("gettimeofday-longer-path", failed |= page_gettimeofday(CODE, &time));
  MEASURE("time", sink += (uint32_t)page_time(CODE));
  MEASURE("getpid", sink += (uint32_t)page_getpid(CODE));
  MEASURE("mapped-device", sink += (uint32_t)mapped_microseconds(device));
  MEASURE("trap", invalid_trap());
  MEASURE("host_get_time", host_microseconds());
  check("no measured call failed", failed == 0);
}
