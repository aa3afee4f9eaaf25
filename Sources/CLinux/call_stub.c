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

// The calls that fail with EINTR after a stop and have done nothing yet: transfers to and from sockets with a timeout, connect and accept
// on such sockets, files whose file system ends a wait, semaphores, rt_sigtimedwait, and waits for events. Both lists begin with the same
// calls, in this order: read, write, pread64, pwrite64, readv, writev, preadv, pwritev, preadv2, pwritev2, sendfile, splice, fsync,
// fdatasync, connect, accept4, sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg, rt_sigtimedwait, io_getevents, io_pgetevents,
// epoll_wait, epoll_pwait, epoll_pwait2, io_uring_enter, futex_waitv. The 64-bit list ends with accept, semop and semtimedop; the 32-bit list
// ends with sendfile64, socketcall, ipc, and the calls with 64-bit times.
static bool may_be_made_again(uint64_t number, bool is_32bit) {
  static const short numbers[] = {0,  1,  17, 18,  19,  20,  295, 296, 327, 328, 40,  275, 74,  75, 42, 288, 44,
                                  45, 46, 47, 307, 299, 128, 208, 333, 232, 281, 441, 426, 449, 43, 65, 220};
  static const short numbers_32[] = {3,   4,   180, 181, 145, 146, 333, 334, 378, 379, 187, 313, 118,
                                     148, 362, 364, 369, 371, 370, 372, 345, 337, 177, 247, 385, 256,
                                     319, 441, 426, 449, 239, 102, 117, 416, 417, 420, 421};
  const short *list = is_32bit ? numbers_32 : numbers;
  size_t count = is_32bit ? sizeof numbers_32 / sizeof *numbers_32 : sizeof numbers / sizeof *numbers;
  for (size_t index = 0; index < count; index++) {
    if ((uint64_t)list[index] == number) return true;
  }
  return false;
}

// Whether the stop may have ended this fallocate: memory files do that. Moving a range twice would not be the same.
static bool is_repeatable_allocation(const linux_registers *r) {
  enum { COLLAPSE_RANGE = 8, INSERT_RANGE = 0x20 };
  bool is_32bit = linux_is_32bit(r);
  uint64_t mode = is_32bit ? r->rcx : r->rsi;
  return r->orig_rax == (is_32bit ? 324 : 285) && !(mode & (COLLAPSE_RANGE | INSERT_RANGE));
}

bool linux_resume_ended_call(linux_registers *r) {
  if (!linux_is_in_call(r) || linux_result(r) != -EINTR) return false;
  if (!may_be_made_again(r->orig_rax, linux_is_32bit(r)) && !is_repeatable_allocation(r)) return false;
  r->rax = (uint64_t)RESTART_WITHOUT_HANDLER;
  return true;
}

void linux_start_stub(linux_registers *r, uint64_t stub, uint64_t number, const uint64_t *arguments) {
  r->rip = stub;
  r->rax = number;
  // This value marks a task that is in no system call, so the kernel restarts none.
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

// No instruction changes the flags, which a system call preserves.
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

static void put_load_32(struct code *code, unsigned char opcode, uint64_t value) {
  uint32_t word = (uint32_t)value;
  PUT(code, opcode);
  put(code, &word, sizeof word);
}

// 32-bit code can't address memory by its distance, so this runs at `address` alone.
static size_t write_32(const linux_registers *r, uint64_t mask, uint64_t address, unsigned char *buffer) {
  struct code code = {buffer};
  PUT(&code, 0xcd, 0x80);                            // int $0x80
  PUT(&code, 0xb8, 175, 0, 0, 0, 0xbb, 2, 0, 0, 0);  // rt_sigprocmask(SIG_SETMASK,
  unsigned char *mask_load = code.next;
  put_load_32(&code, 0xb9, 0);                                 // the mask,
  PUT(&code, 0xba, 0, 0, 0, 0, 0xbe, 8, 0, 0, 0, 0xcd, 0x80);  // NULL, 8)
  put_load_32(&code, 0xb8, r->rax);
  put_load_32(&code, 0xbb, r->rbx);
  put_load_32(&code, 0xb9, r->rcx);
  put_load_32(&code, 0xba, r->rdx);
  put_load_32(&code, 0xbe, r->rsi);
  put_load_32(&code, 0xbf, r->rdi);
  put_load_32(&code, 0xbd, r->rbp);
  put_load_32(&code, 0xe9, r->rip - (address + (uint64_t)(code.next - buffer) + 5));  // jmp
  put_load_32(&(struct code){mask_load}, 0xb9, address + (uint64_t)(code.next - buffer));
  put(&code, &mask, 8);
  return (size_t)(code.next - buffer);
}

size_t linux_write_call_stub(const linux_registers *registers, uint64_t mask, uint64_t address, void *buffer) {
  linux_registers r = *registers;
  linux_repeat_call(&r);
  return linux_is_32bit(&r) ? write_32(&r, mask, address, buffer) : write_64(&r, mask, buffer);
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
size_t linux_write_call_stub(const linux_registers *registers, uint64_t mask, uint64_t address, void *buffer) {
  return (void)registers, (void)mask, (void)address, (void)buffer, 0;
}

#endif
