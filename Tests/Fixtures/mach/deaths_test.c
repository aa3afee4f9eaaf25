// SPDX-License-Identifier: Apache-2.0

// Timekeepers that end at any moment, the end of the server, and a date that is set.

#include "board.h"
#include "kernel_time.h"
#include "page_calls.h"
#include "report.h"
#include "tests.h"
#include "vdso_server_user.h"

// xorshift: the moments are random, but the same in each run.
static uint32_t random_number(void) {
  static uint32_t state = 2463534242u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static void spin(uint64_t cycles) {
  for (uint64_t start = counter(); counter() - start < cycles;) swtch_pri(0);
}

// The readers' findings after the deaths.
typedef struct {
  uint32_t wrong, back, stale, asked, within;
  int64_t lowest, highest;  // page minus kernel, microseconds
  uint64_t last;
} findings_t;

static void look(findings_t *findings) {
  uint64_t before = host_microseconds(), now = page_microseconds(board->code);
  int32_t seconds = page_time(board->code);
  uint64_t after = host_microseconds();
  if (now == 0) {
    findings->asked++;
  } else {
    if (now + TICK_MICROSECONDS < before || now > after + TICK_MICROSECONDS) findings->wrong++;
    if ((int64_t)(now - after) < findings->lowest) findings->lowest = (int64_t)(now - after);
    if ((int64_t)(now - after) > findings->highest) findings->highest = (int64_t)(now - after);
    if (now < findings->last) findings->back++;
    findings->last = now;
  }
  // The coarse second is up to a tick older than the page's clock, which is up to a tick behind the kernel's.
  if (seconds != ENOSYS_OF_LINUX && (uint64_t)(uint32_t)seconds * 1000000 + 1000000 + 2 * TICK_MICROSECONDS < before)
    findings->stale++;
}

// Between two states the sequence is even and both copies are equal, in whatever state the former timekeeper has left them.
static int is_whole(const vdso_time_page_t *page) {
  const volatile uint32_t *first = (const volatile uint32_t *)&page->copy0,
                          *second = (const volatile uint32_t *)&page->copy1;
  for (int look = 0; look < 20; look++) {
    unsigned same = 0;
    while (same < sizeof page->copy0 / 4 && first[same] == second[same]) same++;
    if (same == sizeof page->copy0 / 4 && !(*(const volatile uint32_t *)&page->sequence & 1)) return 1;
    sleep_milliseconds(10);
  }
  return 0;
}

void test_deaths(server_t server, unsigned count) {
  findings_t findings = {0};
  uint32_t torn = 0, marked = 0, whole = 0;
  uint64_t longest = 0;
  vdso_time_page_t *page = (vdso_time_page_t *)(board->code - 2 * PAGE);
  for (unsigned i = 0; i < count; i++) {
    mach_port_t timekeeper = MACH_PORT_NULL;
    uint32_t published = board->published, deaths = board->deaths;
    while (board->published - published < 2) sleep_milliseconds(10);
    whole += (uint32_t)is_whole(page);
    vdso_timekeeper(server.port, &timekeeper);
    // Half of them publish without a pause, so that this thread wakes up within a state.
    board->hasty = i & 1;
    if (board->hasty)
      sleep_milliseconds(20 + random_number() % 3 * 10);
    else
      spin(random_number() % 20000000);
    uint64_t ended_at = counter();
    task_terminate(timekeeper);
    board->hasty = 0;
    if (page->sequence & 1) torn++;
    mach_port_deallocate(mach_task_self(), timekeeper);
    for (int j = 0; j < 10; j++) {
      look(&findings);
      if (page_time(board->code) == ENOSYS_OF_LINUX) findings.within++;
      swtch_pri(0);
    }
    while (board->deaths == deaths) swtch_pri(0);
    if (board->marked_at - ended_at < TICK_NANOSECONDS) marked++;
    if (board->marked_at - ended_at > longest) longest = board->marked_at - ended_at;
  }
  say("%u timekeepers ended, %u of them within a state; marked after %llu cycles at most; time was left to the kernel "
      "at %u "
      "looks, gettimeofday at %u; page minus kernel %lld to %lld us, %u wrong, %u stale, %u back",
      count, torn, longest, findings.within, findings.asked, findings.lowest, findings.highest, findings.wrong,
      findings.stale, findings.back);
  check("a timekeeper's end makes no reading wrong", findings.wrong == 0 && findings.stale == 0);
  check("the next one makes the page whole again", whole == count);
  check("no reading is behind another", findings.back == 0);
  check("the server marks the page within a tick", marked == count);
  check("readers see the mark", findings.within > 0);
  check("then another timekeeper publishes", ({
          uint32_t published = board->published;
          while (board->published - published < 3) sleep_milliseconds(10);
          page_time(board->code) != ENOSYS_OF_LINUX;
        }));
}

void test_date(server_t server) {
  (void)server;
  pair_t before, after;
  time_value_t date;
  host_get_time(mach_host_self(), &date);
  for (int i = 0; i < 2; i++) {
    date.seconds += i ? -7200 : 3600;
    page_clock_gettime(board->code, 1, &before);
    kern_return_t result = host_set_time(host_privileged, date);
    sleep_milliseconds(30);
    uint64_t kernel = host_microseconds(), now = page_microseconds(board->code);
    page_clock_gettime(board->code, 1, &after);
    check(i ? "a date set back is followed" : "a date set forward is followed",
          result == KERN_SUCCESS && now + TICK_MICROSECONDS >= kernel && now <= kernel + TICK_MICROSECONDS + 1000);
    check("CLOCK_MONOTONIC isn't set with it", after.seconds - before.seconds <= 1 && after.seconds >= before.seconds);
  }
}

void test_without_server(server_t server) {
  mach_port_t timekeeper = MACH_PORT_NULL;
  vdso_timekeeper(server.port, &timekeeper);
  task_terminate(server.task);
  sleep_milliseconds(50);
  pair_t time;
  check("without its server the timekeeper leaves time to the kernel",
        page_time(board->code) == ENOSYS_OF_LINUX && page_clock_gettime(board->code, 5, &time) == ENOSYS_OF_LINUX);
  findings_t findings = {0};
  for (int i = 0; i < 100; i++) {
    look(&findings);
    sleep_milliseconds(10);
  }
  check("and keeps the other clocks", findings.wrong == 0 && findings.asked == 0);
  task_terminate(timekeeper);
  sleep_milliseconds(400);
  check("without a timekeeper they are left to the kernel when their limit is over",
        page_gettimeofday(board->code, &time) == ENOSYS_OF_LINUX &&
            page_clock_gettime(board->code, 1, &time) == ENOSYS_OF_LINUX && page_time(board->code) == ENOSYS_OF_LINUX);
  check("getpid is still the identity page's", page_getpid(board->code) == 42);
}
