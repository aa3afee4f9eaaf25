// SPDX-License-Identifier: Apache-2.0

// The memory that the tasks of a test inherit and share, besides the pages.

#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#include "mach_task.h"

enum { READERS = 3 };

// A reader's findings.
typedef struct {
  uint32_t code;                         // where it has the code page
  volatile uint32_t done, calls, asked;  // asked: the page left it to the kernel
  volatile uint32_t errors, back, early, late;
  volatile uint32_t states, skipped;  // of the time page
  volatile int32_t lowest, highest;   // page minus kernel, microseconds
  volatile int32_t protect, write;    // what the kernel said to attempts to write
} reader_t;

typedef struct {
  volatile uint32_t code;       // the address of the code page
  volatile uint32_t stop;       // for readers
  volatile uint32_t hasty;      // the timekeeper publishes without a pause
  volatile uint32_t published;  // states
  volatile uint32_t deaths;     // of timekeepers, as the server saw them
  volatile uint64_t marked_at;  // the counter when the last was marked
  volatile int32_t result;
  reader_t readers[READERS];
} board_t;

typedef union {
  board_t board;
  char bytes[PAGE];
} board_page_t;

extern board_page_t board_page;
#define board (&board_page.board)

#endif
