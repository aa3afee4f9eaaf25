// SPDX-License-Identifier: Apache-2.0

// AArch64: slots, signal return and exported names.

#include "entry.h"

.macro slot id, target
  .org slots + VDSO_SLOT_SIZE * \id
  b \target
.endm

  // One unwind table entry for all but the return from signals.
  .section .page, "ax", %progbits
slots:
  .cfi_startproc
  slot 0, vdso_gettimeofday
  slot 1, vdso_clock_gettime
  slot 2, vdso_time
  slot 3, vdso_getpid
  slot 4, vdso_clock_getres
  slot 7, vdso_getrandom
  slot 8, vdso_getuid
  slot 9, vdso_geteuid
  slot 10, vdso_getgid
  slot 11, vdso_getegid
  slot 12, vdso_getppid
  producer_fields
  .include "functions.s"
  .cfi_endproc

  // A signal handler returns here with sp at the frame: siginfo of 128 bytes, then the ucontext, whose registers start
  // 176 bytes in. The no-op before it is for unwinders, which look up the address before a return address.
  .balign 16
  .cfi_startproc simple
  .cfi_signal_frame
  .cfi_def_cfa sp, 0
  // CFA = saved sp; x0 to x30 and the pc (column 32 is the return address here: x30 stands for it, saved pc) at their
  // places in struct sigcontext.
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
  .cfi_offset \n, 128 + 176 + 8 + 8 * \n
  .endr
  .cfi_offset 30, 128 + 176 + 8 + 8 * 32
  .cfi_offset 31, 128 + 176 + 8 + 8 * 31
  nop
  .balign 16
vdso_rt_sigreturn:
  mov x8, #139
  svc #0
  .balign 16
  .type vdso_rt_sigreturn, %function
  .size vdso_rt_sigreturn, . - vdso_rt_sigreturn
  .cfi_endproc

  export __kernel_gettimeofday, vdso_gettimeofday
  export __kernel_clock_gettime, vdso_clock_gettime
  export __kernel_time, vdso_time
  export __kernel_getpid, vdso_getpid
  export __kernel_clock_getres, vdso_clock_getres
  export __kernel_getrandom, vdso_getrandom
  export __kernel_getuid, vdso_getuid
  export __kernel_geteuid, vdso_geteuid
  export __kernel_getgid, vdso_getgid
  export __kernel_getegid, vdso_getegid
  export __kernel_getppid, vdso_getppid
  export __kernel_rt_sigreturn, vdso_rt_sigreturn

  header_note

  .include "rest.s"
