// SPDX-License-Identifier: Apache-2.0

// The parts of the test.

#ifndef TESTS_H
#define TESTS_H

#include "mach_task.h"

// The server of the vDSO in its task, and the port of its requests.
typedef struct {
  task_t task;
  mach_port_t port;
} server_t;

server_t start_server(void);
// Maps the pages into `task` by a request of the server; 0 if it can't.
uint32_t map_pages(server_t server, task_t task, int pid, uint32_t address);
// Waits for at most that long, and returns whether `*word` isn't 0.
int wait_for(const volatile uint32_t *word, unsigned milliseconds);

void test_pages(server_t server);
void test_children(server_t server);
void test_readers(server_t server);
void test_deaths(server_t server, unsigned count);
void test_date(server_t server);
// Ends the server, so it must be the last test.
void test_without_server(server_t server);
void measure_cost(void);

#endif
