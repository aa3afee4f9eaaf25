// SPDX-License-Identifier: Apache-2.0

// The pages in this task and in others: their addresses, their results, and that no task can write them.

#include "board.h"
#include "kernel_time.h"
#include "page_calls.h"
#include "report.h"
#include "tests.h"
#include "threads.h"
#include "vdso_server_user.h"

static int is_near(uint64_t microseconds, uint64_t before, uint64_t after) {
  return microseconds + TICK_MICROSECONDS >= before && microseconds <= after + TICK_MICROSECONDS;
}

static void check_calls(uint32_t code) {
  const vdso_header_t *header = (const vdso_header_t *)(code + VDSO_HEADER_OFFSET);
  check("the Mach header names gettimeofday",
        header->magic == VDSO_MAGIC && header->version == VDSO_VERSION &&
            strcmp((const char *)code + header->symbols[0].name, "gettimeofday") == 0);
  pair_t real = {0, 0}, monotonic = {0, 0}, later = {0, 0}, coarse = {0, 0};
  uint64_t before = host_microseconds(), now = page_microseconds(code);
  int status = page_clock_gettime(code, 0, &real) | page_clock_gettime(code, 1, &monotonic) |
               page_clock_gettime(code, 1, &later) | page_clock_gettime(code, 5, &coarse);
  int32_t seconds = page_time(code);
  uint64_t after = host_microseconds();
  check("gettimeofday is within a tick of the kernel's date", is_near(now, before, after));
  check("clock_gettime answers", status == 0 && real.seconds - (int32_t)divide(now, 1000000) <= 1);
  check("CLOCK_MONOTONIC goes on", later.seconds > monotonic.seconds || later.rest > monotonic.rest);
  check("time is CLOCK_REALTIME_COARSE", seconds == coarse.seconds || seconds == coarse.seconds + 1);
  check(
      "CLOCK_TAI and unknown clocks are left to the kernel",
      page_clock_gettime(code, 11, &real) == ENOSYS_OF_LINUX && page_clock_gettime(code, 99, &real) == ENOSYS_OF_LINUX);
  check("getpid is the identity page's", page_getpid(code) == 42);
}

static void store(void *address) {
  *(volatile uint32_t *)address = 1;
  stop();
}

static void trap_of_linux(void *unused) {
  (void)unused;
  __asm__ volatile("int $0x80" : : "a"(20));
  stop();
}

static void check_protections(uint32_t code) {
  task_t self = mach_task_self();
  static uint8_t zeros[PAGE] __attribute__((aligned(PAGE)));
  for (int i = 0; i < 3; i++) {
    vm_address_t page = code - (vm_address_t)i * PAGE;
    check("no vm_protect makes a page writable",
          vm_protect(self, page, PAGE, 0, R | W) == KERN_PROTECTION_FAILURE &&
              vm_protect(self, page, PAGE, 1, R | W | X) == KERN_PROTECTION_FAILURE);
    check("no vm_write changes it", vm_write(self, page, (vm_offset_t)zeros, PAGE) == KERN_PROTECTION_FAILURE);
    fault_t fault = run_function(self, store, (void *)page);
    check("a store to it faults",
          fault.exception == EXC_BAD_ACCESS && fault.code == KERN_PROTECTION_FAILURE && fault.address == page);
  }
  check("int $0x80 has no gate", run_function(self, trap_of_linux, NULL).exception == EXC_BAD_INSTRUCTION);
}

// Checks a task that has only a few instructions of this program.
static void check_foreign_task(server_t server) {
  extern const uint8_t foreign_program[];
  static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
  task_t task;
  vm_address_t program = 0x10000;
  task_create(mach_task_self(), 0, &task);
  uint32_t code = map_pages(server, task, 0, VDSO_USER_BASE);
  vm_allocate(task, &program, PAGE, 0);
  memcpy(page, foreign_program, 64);
  vm_write(task, program, (vm_offset_t)page, PAGE);
  uint64_t before = host_microseconds();
  fault_t fault = run_instructions(task, program, code);
  uint64_t after = host_microseconds();
  vm_offset_t data = 0;
  mach_msg_type_number_t count = 0;
  vm_read(task, program, PAGE, &data, &count);
  const pair_t *time = (const pair_t *)(data + 0x800);
  check("a task without memory of ours gets the pages and reads the time",
        code == VDSO_USER_BASE && fault.exception == EXC_BREAKPOINT && count == PAGE &&
            is_near((uint64_t)(uint32_t)time->seconds * 1000000 + (uint32_t)time->rest, before, after));
  vm_deallocate(mach_task_self(), data, count);
  task_terminate(task);
}

void test_pages(server_t server) {
  task_t self = mach_task_self();
  uint32_t first = map_pages(server, self, 42, VDSO_USER_BASE), second = map_pages(server, self, 42, VDSO_USER_BASE);
  uint32_t elsewhere = map_pages(server, self, 42, 0x30003000), above = map_pages(server, self, 42, 0xffffe000);
  check("the pages are at VDSO_USER_BASE", first == VDSO_USER_BASE);
  check("in use, they are at the next address", second == VDSO_USER_BASE + 3 * PAGE);
  check("or where they are asked for", elsewhere == 0x30003000);
  check("beyond the space, they are at the first address with room", above >= 3 * PAGE && above < 0x30000000);
  check_calls(first);
  check_calls(elsewhere);
  check_protections(first);
  check_foreign_task(server);
  for (int i = 0; i < 3; i++) {
    uint32_t code = i == 0 ? second : i == 1 ? elsewhere : above;
    check("unmapped, they are gone", vdso_task_unmap(server.port, self, code) == KERN_SUCCESS &&
                                         run_function(self, store, (void *)code).code == KERN_INVALID_ADDRESS);
  }
  board->code = first;
}

static void ask_pid(void *unused) {
  (void)unused;
  board->result = page_getpid(board->code);
  stop();
}

static int pid_in(task_t task) {
  board->result = 0;
  return run_function(task, ask_pid, NULL).exception == EXC_BREAKPOINT ? board->result : 0;
}

void test_children(server_t server) {
  task_t child, grandchild;
  task_create(mach_task_self(), 1, &child);
  check("a child has its parent's identity page", pid_in(child) == 42);
  vdso_task_inherited(server.port, child, 0, board->code);
  check("a new one leaves getpid to its libc", pid_in(child) == ENOSYS_OF_LINUX);
  vdso_task_inherited(server.port, child, 43, board->code);
  check("or has the child's", pid_in(child) == 43 && page_getpid(board->code) == 42);
  check("the child can't write it", vm_protect(child, board->code - PAGE, PAGE, 0, R | W) == KERN_PROTECTION_FAILURE);
  task_create(child, 1, &grandchild);
  check("nor can its child the time page",
        vm_protect(grandchild, board->code - 2 * PAGE, PAGE, 0, R | W) == KERN_PROTECTION_FAILURE);
  task_terminate(grandchild);
  task_terminate(child);
}
