// SPDX-License-Identifier: Apache-2.0

// A kernel for one program and one page set: turns paging on, maps the pages at VDSO_USER_BASE readable for ring 3, answers int 0x80, and
// writes the program's reports to the serial port. The code page is the boot loader's first module.

#include "kernel.h"

#define LARGE_PAGES 0x10
enum { PRESENT = 1, WRITABLE = 2, USER = 4, LARGE = 0x80 };
enum { SERIAL = 0x3f8, EXIT_PORT = 0xf4 };

extern char user_start[], user_end[], stack_end[];
void enter_user(void (*entry)(void), char *stack);
void program(void);
void gate_0(void), gate_6(void), gate_13(void), gate_14(void), gate_128(void);

static uint32_t directory[1024] __attribute__((aligned(4096))), low_table[1024] __attribute__((aligned(4096))),
    page_table[1024] __attribute__((aligned(4096)));
static vdso_time_page_t time_page __attribute__((aligned(4096)));
static union {
  vdso_identity_page_t content;
  char bytes[4096];
} identity_page __attribute__((aligned(4096)));
static char user_stack[4096] __attribute__((aligned(4096)));
static uint64_t descriptors[6], gates[129];
static uint32_t task_state[26];
static int traps;

static void out(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static void print(const char *text) {
  for (; *text; text++) out(SERIAL, (uint8_t)*text);
}

static void print_number(int32_t value) {
  char digits[12], *place = digits + sizeof digits;
  uint32_t rest = value < 0 ? -(uint32_t)value : (uint32_t)value;
  *--place = 0;
  do *--place = (char)('0' + rest % 10);
  while (rest /= 10);
  print(value < 0 ? " -" : " ");
  print(place);
}

static void leave(uint8_t status) {
  out(EXIT_PORT, status);
  for (;;) __asm__ volatile("hlt");
}

// Maps the pages at VDSO_USER_BASE, and the first 4 MiB one to one. Ring 3 may use only its program and its stack.
static void map_memory(uint32_t code_page) {
  for (uint32_t i = 0; i < 1024; i++) low_table[i] = i << 12 | PRESENT | WRITABLE;
  for (uint32_t p = (uint32_t)user_start; p < (uint32_t)user_end; p += 4096) low_table[p >> 12] = p | PRESENT | USER;
  low_table[(uint32_t)user_stack >> 12] |= USER;
  uint32_t pages[3] = {(uint32_t)&time_page, (uint32_t)&identity_page, code_page};
  for (uint32_t i = 0; i < 3; i++) {
    uint32_t address = VDSO_USER_BASE - (2 - i) * VDSO_PAGE_SIZE;
    page_table[address >> 12 & 1023] = pages[i] | PRESENT | USER;
  }
  directory[0] = (uint32_t)low_table | PRESENT | WRITABLE | USER;
  directory[VDSO_USER_BASE >> 22] = (uint32_t)page_table | PRESENT | USER;
  __asm__ volatile("movl %0, %%cr3\n\tmovl %%cr0, %%eax\n\torl $0x80010000, %%eax\n\tmovl %%eax, %%cr0"
                   :
                   : "r"(directory)
                   : "eax", "memory");
}

static void set_gate(int number, void (*entry)(void), uint32_t ring) {
  uint32_t address = (uint32_t)entry;
  gates[number] =
      (uint64_t)(address & 0xffff0000) << 32 | (uint64_t)(0x8e00 | ring << 13) << 32 | 0x80000 | (address & 0xffff);
}

static void set_processor_tables(void) {
  const uint64_t flat[6] = {0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00cffa000000ffff, 0x00cff2000000ffff, 0};
  uint32_t state = (uint32_t)task_state;
  for (int i = 0; i < 5; i++) descriptors[i] = flat[i];
  descriptors[5] = (uint64_t)(state & 0xff000000) << 32 | (uint64_t)0x8900 << 32 |
                   (uint64_t)(state >> 16 & 0xff) << 32 | (uint64_t)(state & 0xffff) << 16 | (sizeof task_state - 1);
  task_state[1] = (uint32_t)stack_end, task_state[2] = 0x10;
  task_state[25] = sizeof task_state << 16;
  set_gate(0, gate_0, 0), set_gate(6, gate_6, 0), set_gate(13, gate_13, 0), set_gate(14, gate_14, 0);
  struct {
    uint16_t limit;
    uint32_t base;
  } __attribute__((packed)) global = {sizeof descriptors - 1, (uint32_t)descriptors},
                            interrupts = {sizeof gates - 1, (uint32_t)gates};
  set_gate(128, gate_128, 3);
  __asm__ volatile(
      "lgdt %0\n\tlidt %1\n\tltr %w2\n\tljmp $8, $1f\n1:\n\tmovw %w3, %%ds\n\tmovw %w3, %%es\n\tmovw %w3, %%ss"
      :
      : "m"(global), "m"(interrupts), "r"(0x28), "r"(0x10)
      : "memory");
}

// Fills the time page; returns the low word of the counter's base.
static uint32_t set_mode(uint32_t mode) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  vdso_clock_t clock = {.source = VDSO_SOURCE_HOST};
  if (mode == SET_PUBLISHED)
    clock = (vdso_clock_t){.source = VDSO_SOURCE_PUBLISHED, .seconds = 42, .phase = 7000ull << 32};
  if (mode == SET_COUNTER)  // a nanosecond for each cycle since now
    clock = (vdso_clock_t){.source = VDSO_COUNTER_LFENCE_RDTSC,
                           .mult = 1ull << 32,
                           .seconds = COUNTER_SECONDS,
                           .base = (uint64_t)high << 32 | low,
                           .limit = 4000000000u,
                           .phase = -((uint64_t)low << 32)};
  if (mode == SET_COUNTER) clock.window_phase = clock.phase;
  time_page.magic = VDSO_TIME_MAGIC, time_page.version = VDSO_TIME_VERSION;
  time_page.seconds = 42;
  time_page.timekeeper = mode == SET_PUBLISHED ? VDSO_SECONDS_VALID : 0;
  for (int i = 0; i < 2; i++)
    for (int id = 0; id < VDSO_CLOCK_COUNT; id++) (i ? &time_page.copy1 : &time_page.copy0)->clocks[id] = clock;
  identity_page.content.words[VDSO_IDENTITY_PID] = KERNEL_PID + 1;
  identity_page.content.valid = mode == SET_TRAPS ? 0 : 1u << VDSO_IDENTITY_PID;
  return low;
}

static int32_t answer(const frame_t *f) {
  time64_t *time = (time64_t *)f->ecx;
  const int32_t *line = (const int32_t *)f->ebx;
  switch (f->eax) {
    case CALL_SET_MODE:
      traps = 0;
      return (int32_t)set_mode(f->ecx);
    case CALL_COUNT_TRAPS: {
      int32_t counted = traps;
      traps = 0;
      return counted;
    }
    case CALL_REPORT:
      print((const char *)line[0]);
      for (int i = 1; i < 5; i++) print_number(line[i]);
      print("\n");
      return 0;
    case CALL_EXIT:
      print("written\n");
      leave(1);
      return 0;
    case 403:  // clock_gettime64
      traps++;
      time->seconds = KERNEL_SECONDS, time->nanoseconds = KERNEL_NANOSECONDS;
      return 0;
    case 20:
      traps++;
      return KERNEL_PID;  // getpid
    default:
      print("number");
      print_number((int32_t)f->eax);
      print("\n");
      return -38;
  }
}

void interrupted(frame_t *f) {
  if (f->number == 128) {
    f->eax = (uint32_t)answer(f);
    return;
  }
  uint32_t address;
  __asm__ volatile("movl %%cr2, %0" : "=r"(address));
  print("fault");
  print_number((int32_t)f->number);
  print_number((int32_t)f->code);
  print_number((int32_t)(address - VDSO_USER_BASE));
  print("\n");
  leave(f->number == 14 ? 0 : 2);
}

// `table` is the boot loader's: the number of modules is at offset 20, and their list at offset 24.
void kernel_main(const uint32_t *table) {
  const uint32_t *module = (const uint32_t *)table[6];
  if ((table[0] & 8) == 0 || table[5] != 1 || module[1] - module[0] != VDSO_PAGE_SIZE) leave(3);
  set_processor_tables();
  map_memory(module[0]);
  set_mode(SET_TRAPS);
  enter_user(program, user_stack + sizeof user_stack);
}
