// SPDX-License-Identifier: Apache-2.0

// i386: slots, the system call entry, signal return and exported names.

#include "entry.h"

// Offsets in vdso_time_page_t, from the code page.
#define SEQUENCE (-2 * VDSO_PAGE_SIZE + 8)
#define COPY0 (-2 * VDSO_PAGE_SIZE + 64)
#define COPY_SIZE 2048
#define MAPS 768
#define VDSO_CLOCK_COUNT 12
// Constants of vdso.h, which defines them for compilers only.
#define VDSO_SOURCE_HOST 0
#define VDSO_MAP_IDENTITY 0

.macro slot target
  .balign VDSO_SLOT_SIZE
  jmp \target
.endm

  // One unwind table entry covers everything except the returns from signals, including the producer's fields.
  .section .page, "ax", %progbits
page:
  .cfi_startproc
  // Slot 0, and slots 4 to 15 in the gap after it.
  slot vdso_gettimeofday
  slot vdso_clock_getres
  slot vdso_clock_gettime64
  slot vdso_getcpu
  .balign VDSO_SLOT_SIZE
  .zero VDSO_SLOT_SIZE
  slot vdso_getuid
  slot vdso_geteuid
  slot vdso_getgid
  slot vdso_getegid
  slot vdso_getppid
  .org page + VDSO_HOST_OFFSET_I386 - VDSO_SLOTS_I386
  .zero 48  // vdso_host_t
  .include "gap.0.s"

  // Slots 1 and 2, with the Mach header between them.
  .org page + VDSO_SLOTS_I386
  jmp vdso_clock_gettime
  .org page + 2 * VDSO_SLOTS_I386
  jmp vdso_time
  .include "gap.1.s"

  // int32_t vdso_slow_path_time(int32_t id, guest_timespec64_t *time), declared in guest.h. The arguments stay where they are.
#if VDSO_FLAVOR_MACH
  .set vdso_slow_path_time, vdso_any_time
#else
  .type vdso_slow_path_time, %function
vdso_slow_path_time:
  movl 4(%esp), %ecx
  cmpl $VDSO_CLOCK_COUNT - 1, %ecx
  ja 1f
  call 2f
2:
  .cfi_adjust_cfa_offset 4
  popl %eax
  .cfi_adjust_cfa_offset -4
  andl $-VDSO_PAGE_SIZE, %eax
  movl VDSO_HOST_OFFSET_I386(%eax), %edx  // vdso_host_t.clock_gettime
  testl %edx, %edx
  je 1f
  testb $1, SEQUENCE(%eax)
  je 2f
  addl $COPY_SIZE, %eax
2:
  shll $5, %ecx  // the size of a map, half that of a clock
  cmpl $VDSO_SOURCE_HOST, COPY0(%eax, %ecx, 2)  // vdso_clock_t.source
  jne 1f
  cmpl $VDSO_MAP_IDENTITY, COPY0 + MAPS + 24(%eax, %ecx)  // vdso_clock_map_t.kind
  jne 1f
  jmp *%edx
1:
  jmp vdso_any_time
  .size vdso_slow_path_time, . - vdso_slow_path_time
#endif

  .org page + 3 * VDSO_SLOTS_I386
  jmp vdso_getpid
  .hidden vdso_kernel_vsyscall
  .globl vdso_kernel_vsyscall
  .type vdso_kernel_vsyscall, %function
  .balign 16
vdso_kernel_vsyscall:
#if VDSO_FLAVOR_MACH
  movl $-38, %eax
  ret
  .balign 16
#else
  pushl %ecx
  .cfi_adjust_cfa_offset 4
  call 2f
2:
  .cfi_adjust_cfa_offset 4
  popl %ecx
  .cfi_adjust_cfa_offset -4
  andl $-VDSO_PAGE_SIZE, %ecx
  movl VDSO_HOST_OFFSET_I386 + 40(%ecx), %ecx  // vdso_host_t.arch_specific
  testl %ecx, %ecx
  je 1f
  xchgl %ecx, (%esp)
  ret
1:
  popl %ecx
  .cfi_adjust_cfa_offset -4
  int $0x80
  ret
#endif
  .size vdso_kernel_vsyscall, . - vdso_kernel_vsyscall
  .include "functions.s"
  .cfi_endproc

  // A signal handler returns to one of the two functions below, with struct sigcontext on the stack. The frame address is that of the
  // structure, and the stack pointer is one of the registers saved in it. The no-op before each function is for unwinders, which look up
  // the address before a return address.
  //
  // The system call is Linux's. GNU Mach has no such gate, and no code there returns from a signal this way: if a program tries to, an
  // undefined instruction stops it.
.macro return_from_signal
#if VDSO_FLAVOR_MACH
  ud2
#else
  int $0x80
#endif
.endm

.macro saved_registers
  .cfi_offset eax, 44
  .cfi_offset ecx, 40
  .cfi_offset edx, 36
  .cfi_offset ebx, 32
  .cfi_offset esp, 28
  .cfi_offset ebp, 24
  .cfi_offset esi, 20
  .cfi_offset edi, 16
  .cfi_offset eip, 56
.endm

  .cfi_startproc simple
  .cfi_signal_frame
  .cfi_def_cfa esp, 4
  saved_registers
  nop
  .balign 16, 0x90
vdso_sigreturn:
  popl %eax
  .cfi_def_cfa_offset 0
  movl $119, %eax
  return_from_signal
  .zero 7, 0x90
  .type vdso_sigreturn, %function
  .size vdso_sigreturn, 16
  .cfi_endproc
  .cfi_startproc simple
  .cfi_signal_frame
  .cfi_def_cfa esp, 160
  saved_registers
  nop
vdso_rt_sigreturn:
  movl $173, %eax
  return_from_signal
  .balign 16, 0x90
  .type vdso_rt_sigreturn, %function
  .size vdso_rt_sigreturn, . - vdso_rt_sigreturn
  .cfi_endproc

  export __vdso_gettimeofday, vdso_gettimeofday
  export __vdso_clock_gettime, vdso_clock_gettime
  export __vdso_time, vdso_time
  export __vdso_getpid, vdso_getpid
  export __vdso_clock_getres, vdso_clock_getres
  export __vdso_clock_gettime64, vdso_clock_gettime64
  export __vdso_getcpu, vdso_getcpu
  export __vdso_getuid, vdso_getuid
  export __vdso_geteuid, vdso_geteuid
  export __vdso_getgid, vdso_getgid
  export __vdso_getegid, vdso_getegid
  export __vdso_getppid, vdso_getppid
  export __kernel_vsyscall, vdso_kernel_vsyscall
  export __kernel_sigreturn, vdso_sigreturn
  export __kernel_rt_sigreturn, vdso_rt_sigreturn

  header_note

  .include "rest.s"
