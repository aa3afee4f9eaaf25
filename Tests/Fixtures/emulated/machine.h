// SPDX-License-Identifier: Apache-2.0

// An emulated processor with the three pages, a stack, space for results, and nothing else. Any other load, and any store except to the
// stack or a result, is a fault, by the protection of the memory or by the hooks.
//
// Instructions that read the counter are recognized and not executed: the register gets the number that the test chose. Traps are answered
// here, and so are calls of the host's functions, which have addresses in a page of their own.

#ifndef MACHINE_H
#define MACHINE_H

#include <stdio.h>
#include <stdlib.h>

#include "processor.h"

static const uint64_t BASE = VDSO_USER_BASE;
enum { STACK = 0x10000000, RESULTS = 0x20000000, HOST = 0x30000000, RETURN = 0x30000800 };
enum { STACK_SIZE = 4096, RED_ZONE = 128, MAX_STEPS = 200000 };

// The distance from page to page, which is VDSO_PAGE_STRIDE of that architecture.
static uint64_t stride(const processor_t *p) { return strcmp(p->name, "aarch64") ? 4096 : 65536; }

// The results that the outside world returns.
typedef struct {
  int64_t seconds, nanoseconds;
  int32_t status;
  uint64_t value;  // of calls that don't tell the time
  uint64_t counter;
} world_t;

// A trap or a call of the host's function: `number` of the system call, or -1 less the function's index in vdso_host_t.
typedef struct {
  int number;
  uint64_t arguments[3];
} question_t;

typedef struct machine {
  const processor_t *processor;
  uc_engine *engine;
  vdso_time_page_t *time;
  vdso_identity_page_t *identity;
  uint8_t *code, *stack, *results;
  world_t world;
  // The effects of the last call.
  question_t question;
  int questions, steps, sequence_loads;
  uint64_t result, entry_sp;
  int result_size, argument_bytes;
  char fault[120];
  uint8_t executed[VDSO_PAGE_SIZE];  // 1 where an instruction of any call so far starts
  // These are called before each instruction and after each load of the sequence, if set.
  void (*at_boundary)(struct machine *), (*after_sequence)(struct machine *);
  int sequence_loaded;
  int last_number;  // the system call that doesn't come back, 0 for none
} machine_t;

static uint64_t read_register(machine_t *m, int name) {
  uint64_t value = 0;
  uc_reg_read(m->engine, name, &value);
  return m->processor->bits == 32 ? (uint32_t)value : value;
}

static void write_register(machine_t *m, int name, uint64_t value) { uc_reg_write(m->engine, name, &value); }

static void fault(machine_t *m, const char *what, uint64_t address) {
  if (m->fault[0] == 0)
    snprintf(m->fault, sizeof m->fault, "%s 0x%llx at 0x%llx of the page", what, (unsigned long long)address,
             (unsigned long long)(read_register(m, m->processor->pc) - BASE));
  uc_emu_stop(m->engine);
}

// Memory of the test by the machine's address, or NULL.
static void *memory(machine_t *m, uint64_t address) {
  if (address >= RESULTS && address < RESULTS + 4096) return m->results + (address - RESULTS);
  if (address >= STACK && address < STACK + STACK_SIZE) return m->stack + (address - STACK);
  return NULL;
}

static uint64_t load_word(machine_t *m, uint64_t address) {
  uint64_t value = 0;
  void *place = memory(m, address);
  if (place == NULL)
    fault(m, "no memory", address);
  else
    memcpy(&value, place, (size_t)m->processor->bits / 8);
  return value;
}

static uint64_t call_argument(machine_t *m, int index) {
  if (m->processor->bits == 64) return read_register(m, m->processor->arguments[index]);
  return load_word(m, read_register(m, m->processor->sp) + 4 + 4 * (unsigned)index);
}

// Records the request and returns the world's result.
static uint64_t answer(machine_t *m, int number, const uint64_t arguments[3], int tells_time) {
  m->questions++;
  m->question = (question_t){number, {arguments[0], arguments[1], arguments[2]}};
  if (!tells_time) return m->world.value;
  void *place = memory(m, arguments[1]);
  if (m->world.status == 0 && place != NULL) {
    memcpy(place, &m->world.seconds, 8);
    memcpy((char *)place + 8, &m->world.nanoseconds, 8);
  } else if (place == NULL) {
    fault(m, "the time wanted at", arguments[1]);
  }
  return (uint64_t)(int64_t)m->world.status;
}

static void spoil(machine_t *m, const int *registers) {
  for (; *registers; registers++) write_register(m, *registers, 0x5a5a5a5a5a5a5a5a);
}

static void take_trap(machine_t *m, uint64_t next) {
  const processor_t *p = m->processor;
  uint64_t arguments[3];
  for (int i = 0; i < 3; i++) arguments[i] = read_register(m, p->trap_arguments[i]);
  int number = (int)read_register(m, p->trap_number);
  uint64_t value = answer(m, number, arguments, number == p->numbers.clock_gettime);
  if (number == m->last_number) {
    next = RETURN;
    if (!p->link) write_register(m, p->sp, m->entry_sp + (unsigned)p->bits / 8);
  }
  spoil(m, p->trap_scratch);
  write_register(m, p->result, value);
  write_register(m, p->pc, next);
}

// Handles a call of the host's function `index`: stores its result, overwrites the registers that a call may change, and returns.
static void call_host(machine_t *m, int index) {
  const processor_t *p = m->processor;
  uint64_t arguments[3], sp = read_register(m, p->sp);
  for (int i = 0; i < 3; i++) arguments[i] = call_argument(m, i);
  uint64_t value = answer(m, -1 - index, arguments, index == 0);
  uint64_t back = p->link ? read_register(m, p->link) : load_word(m, sp);
  spoil(m, p->scratch);
  if (!p->link) write_register(m, p->sp, sp + (unsigned)p->bits / 8);
  write_register(m, p->result, value);
  write_register(m, p->pc, back);
}

static void read_counter(machine_t *m, int target, int size, uint64_t next) {
  const processor_t *p = m->processor;
  if (target) {
    write_register(m, target, m->world.counter);
  } else {
    write_register(m, p->counter_low, (uint32_t)m->world.counter);
    write_register(m, p->counter_high, m->world.counter >> 32);
    if (size == 3) write_register(m, p->counter_extra, 0x5a5a5a5a);
  }
  write_register(m, p->pc, next);
}

static void before_instruction(uc_engine *engine, uint64_t pc, uint32_t unused, void *data) {
  machine_t *m = data;
  (void)engine, (void)unused;
  if (++m->steps > MAX_STEPS) return fault(m, "no end", pc);
  if (m->sequence_loaded && m->after_sequence) m->after_sequence(m);
  m->sequence_loaded = 0;
  if (m->at_boundary) m->at_boundary(m);
  if (pc >= HOST && pc < RETURN) return call_host(m, (int)(pc - HOST) / 16);
  if (pc < BASE || pc >= BASE + VDSO_PAGE_SIZE) return fault(m, "executes", pc);
  m->executed[pc - BASE] = 1;
  int size, target;
  switch (decode(m->processor, m->code + (pc - BASE), &size, &target)) {
    case TRAP:
      return take_trap(m, pc + (unsigned)size);
    case COUNTER_READ:
      return read_counter(m, target, size, pc + (unsigned)size);
    case ORDINARY:
      return;
  }
}

static void at_access(uc_engine *engine, uc_mem_type type, uint64_t address, int size, int64_t value, void *data) {
  machine_t *m = data;
  (void)engine, (void)value;
  uint64_t end = address + (unsigned)size, sp = read_register(m, m->processor->sp);
  int is_store = type == UC_MEM_WRITE;
  // The return address and the arguments on the stack belong to the function too.
  uint64_t stack_end = m->entry_sp + (unsigned)m->argument_bytes;
  if (address >= STACK && end <= STACK + STACK_SIZE) {
    if (address + RED_ZONE < sp || end > stack_end)
      fault(m, is_store ? "stores to the stack" : "loads of the stack", address);
  } else if (address >= RESULTS && end <= RESULTS + 4096) {
    if (end > RESULTS + (unsigned)m->result_size) fault(m, is_store ? "stores" : "loads", address);
  } else if (is_store || address < BASE - 2 * stride(m->processor) || end > BASE + VDSO_PAGE_SIZE) {
    fault(m, is_store ? "stores" : "loads", address);
  } else if (address == BASE - 2 * stride(m->processor) + offsetof(vdso_time_page_t, sequence)) {
    m->sequence_loads++;
    m->sequence_loaded = 1;
  }
}

static void *map(machine_t *m, uint64_t address, size_t size, uint32_t protection) {
  void *place = aligned_alloc(4096, size);
  memset(place, 0, size);
  if (uc_mem_map_ptr(m->engine, address, size, protection, place) != UC_ERR_OK) {
    fprintf(stderr, "emulated memory at 0x%llx can't be had\n", (unsigned long long)address);
    exit(2);
  }
  return place;
}

// A machine with the code page of `path`, which is a whole page or an image's file.
static machine_t make_machine(const processor_t *p, const char *path) {
  machine_t m = {.processor = p};
  FILE *file = fopen(path, "rb");
  uc_err error = uc_open(p->arch, p->mode, &m.engine);
  if (error != UC_ERR_OK || file == NULL) {
    fprintf(stderr, "%s: %s\n", path, file ? uc_strerror(error) : "no such page");
    exit(2);
  }
  m.time = map(&m, BASE - 2 * stride(p), VDSO_PAGE_SIZE, UC_PROT_READ);
  m.identity = map(&m, BASE - stride(p), VDSO_PAGE_SIZE, UC_PROT_READ);
  m.code = map(&m, BASE, VDSO_PAGE_SIZE, UC_PROT_READ | UC_PROT_EXEC);
  m.stack = map(&m, STACK, STACK_SIZE, UC_PROT_READ | UC_PROT_WRITE);
  m.results = map(&m, RESULTS, 4096, UC_PROT_READ | UC_PROT_WRITE);
  map(&m, HOST, 4096, UC_PROT_READ | UC_PROT_EXEC);
  if (fread(m.code, 1, VDSO_PAGE_SIZE, file) < 1024) exit(2);
  fclose(file);
  return m;
}

// Adds the hooks. Call it once, with the machine at its final address.
static void add_hooks(machine_t *m) {
  uc_hook hook;
  uc_hook_add(m->engine, &hook, UC_HOOK_CODE, (void *)before_instruction, m, 1, 0);
  uc_hook_add(m->engine, &hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, (void *)at_access, m, 1, 0);
}

// Calls the function at `offset` of the page, which may store `result_size` bytes of results. Registers that a call must preserve are
// compared afterwards.
static void call_at(machine_t *m, uint64_t offset, const uint64_t *arguments, int count, int result_size) {
  const processor_t *p = m->processor;
  uint64_t sp = STACK + STACK_SIZE - 256, kept[28], back = RETURN;
  int word = p->bits / 8;
  m->questions = m->steps = m->sequence_loads = m->sequence_loaded = 0;
  m->fault[0] = 0;
  m->result_size = result_size;
  m->argument_bytes = p->bits == 32 ? 4 + 4 * count : p->link ? 0 : 8;
  memset(m->stack, 0xa5, STACK_SIZE);
  spoil(m, p->scratch);
  for (int i = 0; p->saved[i]; i++) write_register(m, p->saved[i], kept[i] = 0x1111111111111111ull * (unsigned)(i + 1));
  for (int i = 0; i < count; i++) {
    if (p->bits == 64)
      write_register(m, p->arguments[i], arguments[i]);
    else
      memcpy(m->stack + (sp - STACK) + 4 * i, &arguments[i], 4);
  }
  if (p->link)
    write_register(m, p->link, back);
  else
    memcpy(m->stack + ((sp -= (unsigned)word) - STACK), &back, (size_t)word);
  m->entry_sp = sp;
  write_register(m, p->sp, sp);
  uc_err error = uc_emu_start(m->engine, BASE + offset, RETURN, 0, 0);
  if (error != UC_ERR_OK) fault(m, uc_strerror(error), 0);
  m->result = read_register(m, p->result);
  for (int i = 0; p->saved[i]; i++)
    if (read_register(m, p->saved[i]) != (p->bits == 32 ? (uint32_t)kept[i] : kept[i]))
      fault(m, "changes saved register", (unsigned)i);
  if (m->fault[0] == 0 && read_register(m, p->sp) != sp + (p->link ? 0u : (unsigned)word))
    fault(m, "leaves the stack at", sp);
}

// Calls the slot of symbol `id`.
static inline void call(machine_t *m, int id, const uint64_t *arguments, int count, int result_size) {
  call_at(m, slot_offset(m->processor, id), arguments, count, result_size);
}

#endif
