// SPDX-License-Identifier: Apache-2.0

// Tasks that read the time while it is published, and compare it with the kernel's own results.

#include "board.h"
#include "kernel_time.h"
#include "page_calls.h"
#include "report.h"
#include "tests.h"
#include "threads.h"

// Compares calls of the page at `code` with the kernel's clock before and after, until `stop` is set.
static void read_beside(reader_t *reader, uint32_t code) {
  const volatile uint32_t *sequence = &((const vdso_time_page_t *)(code - 2 * PAGE))->sequence;
  uint64_t last = 0;
  uint32_t seen = *sequence;
  while (!board->stop) {
    uint64_t before = host_microseconds();
    pair_t time;
    int status = page_gettimeofday(code, &time);
    uint32_t now_seen = *sequence;
    uint64_t after = host_microseconds();
    uint64_t now = (uint64_t)(uint32_t)time.seconds * 1000000 + (uint32_t)time.rest;
    reader->calls++;
    if (now_seen != seen) {
      reader->states++;
      reader->skipped += (now_seen - seen) / 2 - 1;
      seen = now_seen;
    }
    if (status == ENOSYS_OF_LINUX) {
      reader->asked++;
      continue;
    }
    if (status) reader->errors++;
    if (now < last) reader->back++;
    if (now + TICK_MICROSECONDS < before) reader->early++;
    if (now > after + TICK_MICROSECONDS) reader->late++;
    if ((int32_t)(now - after) < reader->lowest) reader->lowest = (int32_t)(now - after);
    if ((int32_t)(now - after) > reader->highest) reader->highest = (int32_t)(now - after);
    last = now;
    // Yields the processor to the others.
    if (reader->calls % 16 == 0) swtch_pri(0);
  }
}

static void reader_thread(void *index) {
  static uint8_t zeros[PAGE] __attribute__((aligned(PAGE)));
  reader_t *reader = &board->readers[(uintptr_t)index];
  uint32_t code = reader->code;
  read_beside(reader, code);
  reader->protect = vm_protect(mach_task_self(), code - 2 * PAGE, PAGE, 0, R | W);
  reader->write = vm_write(mach_task_self(), code - 2 * PAGE, (vm_offset_t)zeros, PAGE);
  reader->done = 1;
  for (;;) sleep_milliseconds(1000);
}

// A reader that does nothing else, so that the timekeeper preempts it at any instruction.
static void check_busy_reader(void) {
  uint32_t calls = 0, asked = 0, start = board->published;
  pair_t time;
  while (board->published - start < 200) {
    calls++;
    if (page_gettimeofday(board->code, &time)) asked++;
  }
  say("a busy reader: %u calls beside 200 states, %u left to the kernel", calls, asked);
  check("a preempted reader leaves no call to the kernel", asked == 0);
}

void test_readers(server_t server) {
  task_t tasks[READERS];
  board->stop = 0;
  // One reader has the pages that it inherits; the others get pages at other addresses too.
  for (uintptr_t i = 0; i < READERS; i++) {
    task_create(mach_task_self(), 1, &tasks[i]);
    board->readers[i] = (reader_t){.lowest = INT32_MAX, .highest = INT32_MIN};
    board->readers[i].code = i == 0 ? board->code : map_pages(server, tasks[i], (int)i, 0x50000000);
    start_thread(tasks[i], reader_thread, (void *)i);
  }
  uint32_t start = board->published;
  while (board->published - start < 150) sleep_milliseconds(10);
  board->stop = 1;
  for (int i = 0; i < READERS; i++) {
    reader_t *reader = &board->readers[i];
    wait_for(&reader->done, 5000);
    say("reader %d: %u calls, %u left to the kernel, %u states seen, %u between two looks, page minus kernel %d to %d "
        "us",
        i, reader->calls, reader->asked, reader->states, reader->skipped, reader->lowest, reader->highest);
    check("the reader sees states as they are published", reader->done && reader->states >= 75);
    check("its readings never go back", reader->back == 0 && reader->errors == 0);
    check("they are within a tick of the kernel's", reader->early == 0 && reader->late == 0);
    check("all are the page's", reader->asked == 0);
    check("it can't write the page",
          reader->protect == KERN_PROTECTION_FAILURE && reader->write == KERN_PROTECTION_FAILURE);
    task_terminate(tasks[i]);
  }
  check_busy_reader();
}
