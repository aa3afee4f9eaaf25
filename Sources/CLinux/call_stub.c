// SPDX-License-Identifier: Apache-2.0

#include <errno.h>
#include <string.h>

#include "attachment.h"
#include "call_registers.h"

#if defined(__x86_64__)

// The kernel's own results of calls that it makes again: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK.
enum { RESTART_ALWAYS = -513, RESTART_AFTER_HANDLER = -512, RESTART_WITHOUT_HANDLER = -514, RESTART_BLOCK = -516 };

uint64_t linux_program_counter(const linux_registers *r) { return r->rip; }
void linux_set_program_counter(linux_registers *r, uint64_t address) { r->rip = address; }
bool linux_is_in_call(const linux_registers *r) { return (int64_t)r->orig_rax >= 0; }

void linux_repeat_call(linux_registers *r) {
  if (!linux_is_in_call(r)) return;
  switch (linux_result(r)) {
    case RESTART_AFTER_HANDLER:
    case RESTART_ALWAYS:
    case RESTART_WITHOUT_HANDLER:
    case RESTART_BLOCK:
      r->rip -= LINUX_CALL_INSTRUCTION_SIZE;
      r->rax = r->orig_rax;
  }
  r->orig_rax = UINT64_MAX;
}

// Those that end with EINTR at a stop, and do nothing before: read, sendto, recvfrom, sendmsg, recvmsg and accept with a timeout of
// the socket, semop, semtimedop, rt_sigtimedwait, io_getevents, epoll_wait, epoll_pwait, accept4, recvmmsg, sendmmsg, io_pgetevents,
// io_uring_enter, epoll_pwait2, futex_waitv.
static bool may_be_made_again(uint64_t number, bool is_32bit) {
  static const short numbers[] = {0,   1,   43,  44,  45,  46,  47,  65,  128, 208,
                                  220, 232, 281, 288, 299, 307, 333, 426, 441, 449};
  static const short numbers_32[] = {3,   4,   117, 177, 247, 256, 319, 337, 345, 364, 369,
                                     370, 371, 372, 385, 417, 420, 421, 426, 441, 449};
  const short *list = is_32bit ? numbers_32 : numbers;
  size_t count = is_32bit ? sizeof numbers_32 / sizeof *numbers_32 : sizeof numbers / sizeof *numbers;
  for (size_t index = 0; index < count; index++) {
    if ((uint64_t)list[index] == number) return true;
  }
  return false;
}

bool linux_resume_ended_call(linux_registers *r) {
  if (!linux_is_in_call(r) || linux_result(r) != -EINTR || !may_be_made_again(r->orig_rax, linux_is_32bit(r)))
    return false;
  r->rax = (uint64_t)RESTART_WITHOUT_HANDLER;
  return true;
}

void linux_start_stub(linux_registers *r, uint64_t stub, uint64_t number, const uint64_t *arguments) {
  r->rip = stub;
  r->rax = number;
  // As outside any system call: none is restarted.
  r->orig_rax = UINT64_MAX;
  linux_set_arguments(r, arguments);
}

struct code {
  unsigned char *next;
};

static void put(struct code *code, const void *bytes, size_t count) {
  memcpy(code->next, bytes, count);
  code->next += count;
}

#define PUT(code, ...) put(code, (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

static void put_load(struct code *code, unsigned char rex, unsigned char opcode, uint64_t value) {
  PUT(code, rex, opcode);
  put(code, &value, sizeof value);
}

// No instruction of it changes the flags, which a system call keeps.
static size_t write_64(const linux_registers *r, uint64_t mask, unsigned char *buffer) {
  struct code code = {buffer};
  PUT(&code, 0x0f, 0x05);                           // syscall
  PUT(&code, 0xb8, 14, 0, 0, 0, 0xbf, 2, 0, 0, 0);  // rt_sigprocmask(SIG_SETMASK,
  PUT(&code, 0x48, 0x8d, 0x35);                     // lea the mask, %rsi
  unsigned char *mask_distance = code.next;
  PUT(&code, 0, 0, 0, 0, 0xba, 0, 0, 0, 0);        // NULL,
  PUT(&code, 0x41, 0xba, 8, 0, 0, 0, 0x0f, 0x05);  // 8)
  put_load(&code, 0x48, 0xb8, r->rax);
  put_load(&code, 0x48, 0xb9, r->rcx);
  put_load(&code, 0x48, 0xba, r->rdx);
  put_load(&code, 0x48, 0xbe, r->rsi);
  put_load(&code, 0x48, 0xbf, r->rdi);
  put_load(&code, 0x49, 0xb8, r->r8);
  put_load(&code, 0x49, 0xb9, r->r9);
  put_load(&code, 0x49, 0xba, r->r10);
  put_load(&code, 0x49, 0xbb, r->r11);
  PUT(&code, 0xff, 0x25, 0, 0, 0, 0);  // jmp to what follows
  put(&code, &r->rip, 8);
  int32_t distance = (int32_t)(code.next - (mask_distance + 4));
  memcpy(mask_distance, &distance, 4);
  put(&code, &mask, 8);
  return (size_t)(code.next - buffer);
}

size_t linux_write_call_stub(const linux_registers *registers, uint64_t mask, void *buffer) {
  if (linux_is_32bit(registers)) return 0;
  linux_registers r = *registers;
  linux_repeat_call(&r);
  return write_64(&r, mask, buffer);
}

#else

uint64_t linux_program_counter(const linux_registers *r) { return (void)r, 0; }
void linux_set_program_counter(linux_registers *r, uint64_t address) { (void)r, (void)address; }
bool linux_is_in_call(const linux_registers *r) { return (void)r, false; }
void linux_repeat_call(linux_registers *r) { (void)r; }
bool linux_resume_ended_call(linux_registers *r) { return (void)r, false; }
void linux_start_stub(linux_registers *r, uint64_t stub, uint64_t number, const uint64_t *arguments) {
  (void)r, (void)stub, (void)number, (void)arguments;
}
size_t linux_write_call_stub(const linux_registers *registers, uint64_t mask, void *buffer) {
  return (void)registers, (void)mask, (void)buffer, 0;
}

#endif
