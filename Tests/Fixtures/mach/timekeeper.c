// SPDX-License-Identifier: Apache-2.0

#include "timekeeper.h"

#include "board.h"

// The kernel's clock stands still between ticks. The page stays within a tick of it in both directions if, at a tick, it is at most a tick
// behind and not ahead; the aim is half of MARGIN behind. A wake-up comes some time after its tick, so the smallest of several comparisons
// counts.
enum { MARGIN = 1000000, COMPARISONS = 4 };
// Corrections change the rate by 1/4096, 244 parts per million.
enum { SLEW_SHIFT = 12 };
// A larger offset means that the clock was set.
enum { STEP = 500000000 };

line_t calibrate(const volatile mapped_time_value_t *device) {
  uint64_t start, end, first = next_tick(device, &start), last;
  do {
    last = next_tick(device, &end);
  } while (last - first < 500000);
  line_t line = {.real = instant_plus(instant_of_microseconds(last), -MARGIN / 2), .base = end};
  line.mult = divide((last - first) * 1000 << 32, end - start);
  // The limit is a quarter of a second.
  line.limit = divide(250000000ull << 32, line.mult);
  return line;
}

// The rates of one timekeeper, and its last comparisons.
typedef struct {
  uint64_t nominal;
  int64_t smallest;
  int comparisons;
  int slew;  // in corrections, negative where the clock is to lose
} discipline_t;

// Compares the line at its base with the kernel's clock, and corrects it: more than a tick behind at once, everything else by the rate.
static void compare(discipline_t *discipline, line_t *line) {
  instant_t kernel = instant_of_microseconds(mapped_microseconds(TIMEKEEPER_DEVICE));
  int64_t ahead = nanoseconds_between(line->real, kernel);
  if (ahead > STEP || ahead < -STEP) {
    line->real = instant_plus(kernel, -MARGIN / 2);
    discipline->comparisons = discipline->slew = 0;
    return;
  }
  if (ahead < MARGIN - TICK_NANOSECONDS) {
    line->real = instant_plus(line->real, -ahead);
    line->monotonic = instant_plus(line->monotonic, -ahead);
    ahead = 0;
  }
  if (discipline->comparisons++ == 0 || ahead < discipline->smallest) discipline->smallest = ahead;
  if (discipline->comparisons < COMPARISONS) return;
  discipline->slew = discipline->smallest > 0 ? -1 : discipline->smallest < -MARGIN ? 1 : 0;
  discipline->comparisons = 0;
}

// Publishes the line from now on. A slower line starts a little ahead, by what it loses in `patience`, so that a reader that saw the old
// line until the new one is published finds nothing behind it. If the processor is too slow for that, it gets more time.
static void publish_tick(discipline_t *discipline, line_t *line, int has_coarse) {
  uint64_t patience = line->limit >> 13;  // 30 us
  line_t next;
  do {
    patience *= 2;
    next = *line;
    move_base(&next, counter());
    // For tests: if each state has another rate than the one before, a torn one is far off. Slow rates make up for the leads.
    if (board->hasty)
      discipline->slew = board->published & 1 ? -1 : -3;
    else
      compare(discipline, &next);
    next.mult = discipline->nominal + (uint64_t)discipline->slew * (discipline->nominal >> SLEW_SHIFT);
    if (next.mult < line->mult) {
      int64_t lead = (int64_t)((line->mult - next.mult) * patience >> 32) + 1;
      next.real = instant_plus(next.real, lead);
      next.monotonic = instant_plus(next.monotonic, lead);
    }
  } while (!publish(TIMEKEEPER_PAGE, &next, has_coarse, patience));
  *line = next;
}

// The line to continue from: the one that readers see, or the kernel's clock if that line is too old to be moved.
static line_t take_over(void) {
  repair_time_page(TIMEKEEPER_PAGE);
  line_t line = published_line(TIMEKEEPER_PAGE);
  uint64_t now = counter();
  if (now - line.base > 8 * line.limit) {
    instant_t kernel = instant_of_microseconds(mapped_microseconds(TIMEKEEPER_DEVICE));
    line.monotonic = instant_plus(line.monotonic, nanoseconds_between(kernel, line.real));
    line.real = kernel;
    line.base = now;
  }
  return line;
}

void keep_time(void *nominal) {
  discipline_t discipline = {.nominal = *(uint64_t *)nominal};
  line_t line = take_over();
  mach_port_t deaths = new_port(), previous;
  // Without its server, no process marks the page when this task ends, so clocks without a limit are left to the kernel from then on.
  int has_server = mach_port_request_notification(mach_task_self(), TIMEKEEPER_SERVER, MACH_NOTIFY_DEAD_NAME, 1, deaths,
                                                  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous) == KERN_SUCCESS;
  for (;;) {
    publish_tick(&discipline, &line, has_server);
    board->published++;
    if (board->hasty) continue;
    struct {
      mach_dead_name_notification_t notification;
      char rest[64];
    } message;
    if (mach_msg(&message.notification.not_header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof message, deaths,
                 TICK_MICROSECONDS / 1000, MACH_PORT_NULL) == MACH_MSG_SUCCESS)
      has_server = 0;
  }
}
