// SPDX-License-Identifier: Apache-2.0

// Makes the kernel calls of a script, one for each line, and prints each line with the kernel's result behind an arrow. claims.txt
// describes the calls; the test of the simulated tasks reads the same script.

#include "claims.h"

#include "mach_task.h"
#include "report.h"
#include "threads.h"

enum { WORDS = 9, TASKS = 26 };

// The script, from the assembler.
extern const char claims_script[];

static task_t tasks[TASKS];
static uint8_t bytes[64 * PAGE] __attribute__((aligned(PAGE)));

// The words of a line. A missing word is empty.
typedef struct {
  char text[WORDS][24];
} line_t;

static const char *split(const char *from, line_t *line) {
  memset(line, 0, sizeof *line);
  for (int word = 0; *from && *from != '\n';) {
    unsigned length = 0;
    for (; *from && *from != ' ' && *from != '\n'; from++)
      if (word < WORDS && length < sizeof line->text[0] - 1) line->text[word][length++] = *from;
    word++;
    while (*from == ' ') from++;
  }
  return *from ? from + 1 : from;
}

static uint32_t number(const char *text) {
  uint32_t value = 0;
  int hexadecimal = text[0] == '0' && text[1] == 'x';
  for (text += hexadecimal ? 2 : 0; *text; text++)
    value = value * (hexadecimal ? 16 : 10) + (uint32_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
  return value;
}

// r, w and x, or a number.
static vm_prot_t protection(const char *text) {
  if (*text >= '0' && *text <= '9') return (vm_prot_t)number(text);
  return (text[0] == 'r' ? R : 0) | (text[1] == 'w' ? W : 0) | (text[2] == 'x' ? X : 0);
}

static vm_inherit_t inheritance(const char *text) {
  switch (*text) {
    case 's':
      return VM_INHERIT_SHARE;
    case 'c':
      return VM_INHERIT_COPY;
    case 'n':
      return VM_INHERIT_NONE;
    default:
      return number(text);
  }
}

// A protection in letters, and bits other than r, w and x as a number behind them.
static const char *protection_name(vm_prot_t protection) {
  static char names[2][8];
  static int next;
  char *name = names[next = !next];
  name[0] = protection & R ? 'r' : '-';
  name[1] = protection & W ? 'w' : '-';
  name[2] = protection & X ? 'x' : '-';
  name[3] = protection > 7 ? '+' : 0;
  return name;
}

// The result of a thread of `task` that loads from, stores to or runs `address`. Its two instructions, `load` and a breakpoint, are put at
// an address where the script maps nothing.
static const char *touch(task_t task, char how, uint32_t address) {
  static const uint8_t load[] = {0x8b, 0x06, 0xcc}, store[] = {0x89, 0x06, 0xcc};
  static char other[] = "exception 0";
  vm_address_t code = 0xbffe0000;
  if (how != 'r') {
    kern_return_t result = vm_allocate(task, &code, PAGE, 0);
    if (result) return return_name(result);
    memset(bytes, 0, PAGE);
    memcpy(bytes, how == 'l' ? load : store, sizeof load);
    vm_write(task, code, (vm_offset_t)bytes, PAGE);
  }
  fault_t fault = run_instructions(task, how == 'r' ? address : code, address);
  if (how != 'r') vm_deallocate(task, code, PAGE);
  if (fault.exception == EXC_BREAKPOINT) return return_name(KERN_SUCCESS);
  if (fault.exception == EXC_BAD_ACCESS)
    return fault.code == EXC_I386_PGFLT ? "EXC_I386_PGFLT" : return_name(fault.code);
  if (fault.exception < 0) return "nothing";
  other[sizeof other - 2] = (char)('0' + fault.exception);
  return other;
}

static void answer_read(const char *text, task_t task, vm_address_t address, vm_size_t size) {
  vm_offset_t data = 0;
  mach_msg_type_number_t count = 0;
  kern_return_t result = vm_read(task, address, size, &data, &count);
  const uint8_t *first = (const uint8_t *)data;
  if (result || count == 0) return say("%s -> %s", text, return_name(result));
  say("%s -> %s %d %d", text, return_name(result), first[0], first[count - 1]);
  vm_deallocate(mach_task_self(), data, count);
}

static void answer_region(const char *text, task_t task, vm_address_t address) {
  vm_address_t start = address;
  vm_size_t size;
  vm_prot_t current, maximum;
  vm_inherit_t inherit;
  boolean_t shared;
  mach_port_t object = MACH_PORT_NULL;
  vm_offset_t offset;
  kern_return_t result = vm_region(task, &start, &size, &current, &maximum, &inherit, &shared, &object, &offset);
  if (object) mach_port_deallocate(mach_task_self(), object);
  if (result) return say("%s -> %s", text, return_name(result));
  // The kernel joins neighbors with the same attributes, so the start and the end of a region aren't printed below the address.
  static const char *const names[] = {"share", "copy", "none"};
  say("%s -> %s 0x%x %s %s %s", text, return_name(result), start > address ? start : address & -PAGE,
      protection_name(current), protection_name(maximum), inherit < 3 ? names[inherit] : "another");
}

// vm_remap by XNU's number, without arguments: no GNU Mach kernel knows the number.
static kern_return_t send_remap(task_t task) {
  union {
    mach_msg_header_t request;
    mig_reply_header_t reply;
  } message = {.request = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
                           .msgh_remote_port = task,
                           .msgh_local_port = mig_get_reply_port(),
                           .msgh_id = 3813}};
  kern_return_t result = mach_msg(&message.request, MACH_SEND_MSG | MACH_RCV_MSG, sizeof message.request,
                                  sizeof message, message.request.msgh_local_port, 0, 0);
  return result ? result : message.reply.RetCode;
}

static void answer(const char *text, const line_t *line) {
  const char *call = line->text[0];
  task_t *task = &tasks[(line->text[1][0] - 'A') % TASKS];
  uint32_t address = number(line->text[2]), size = number(line->text[3]);
  kern_return_t result;
  vm_address_t place = address;
#define CALL(name) (strcmp(call, name) == 0)
#define PLACED(expression)                                         \
  do {                                                             \
    result = expression;                                           \
    if (result) return say("%s -> %s", text, return_name(result)); \
    return say("%s -> %s 0x%x", text, return_name(result), place); \
  } while (0)
  if (CALL("read")) return answer_read(text, *task, address, size);
  if (CALL("region")) return answer_region(text, *task, address);
  if (CALL("load") || CALL("store") || CALL("run")) return say("%s -> %s", text, touch(*task, call[0], address));
  if (CALL("map"))
    PLACED(vm_map(*task, &place, size, 0, 0, MACH_PORT_NULL, 0, 0, protection(line->text[4]), protection(line->text[5]),
                  inheritance(line->text[6])));
  if (CALL("map-anywhere"))
    PLACED(vm_map(*task, &place, size, number(line->text[7]), 1, MACH_PORT_NULL, 0, 0, protection(line->text[4]),
                  protection(line->text[5]), inheritance(line->text[6])));
  if (CALL("allocate")) PLACED(vm_allocate(*task, &place, size, 0));
  if (CALL("allocate-anywhere")) PLACED(vm_allocate(*task, &place, size, 1));

  if (CALL("task")) {
    result = task_create(mach_task_self(), 0, task);
  } else if (CALL("fork")) {
    result = task_create(*task, 1, &tasks[(line->text[2][0] - 'A') % TASKS]);
  } else if (CALL("end")) {
    result = task_terminate(*task);
  } else if (CALL("deallocate")) {
    result = vm_deallocate(*task, address, size);
  } else if (CALL("protect")) {
    result = vm_protect(*task, address, size, 0, protection(line->text[4]));
  } else if (CALL("maximum")) {
    result = vm_protect(*task, address, size, 1, protection(line->text[4]));
  } else if (CALL("inherit")) {
    result = vm_inherit(*task, address, size, inheritance(line->text[4]));
  } else if (CALL("write")) {
    if (size > sizeof bytes) size = sizeof bytes;
    memset(bytes, (int)number(line->text[4]), size);
    result = vm_write(*task, address, (vm_offset_t)bytes, size);
  } else if (CALL("copy")) {
    result = vm_copy(*task, address, size, number(line->text[4]));
  } else if (CALL("wire")) {
    result = vm_wire(host_privileged, *task, address, size, protection(line->text[4]));
  } else if (CALL("attribute")) {
    vm_machine_attribute_val_t value = (vm_machine_attribute_val_t)number(line->text[5]);
    result = vm_machine_attribute(*task, address, size, number(line->text[4]), &value);
  } else if (CALL("remap")) {
    result = send_remap(*task);
  } else {
    return say("FAILED: no such call: %s", text);
  }
  say("%s -> %s", text, return_name(result));
}

void ask_claims(void) {
  static line_t line;
  static char text[120];
  for (const char *next = claims_script; *next;) {
    const char *start = next;
    next = split(start, &line);
    if (!line.text[0][0] || line.text[0][0] == '#') continue;
    unsigned length = 0;
    for (; start[length] && start[length] != '\n' && length < sizeof text - 1; length++) text[length] = start[length];
    text[length] = 0;
    answer(text, &line);
  }
}
