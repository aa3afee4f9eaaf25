// SPDX-License-Identifier: Apache-2.0

// RISC-V 64: slots, signal return and exported names.

#include "entry.h"

.macro slot id, target
  .org slots + VDSO_SLOT_SIZE * \id
  j \target
.endm

  .option norelax
  // One unwind table entry for all but the return from signals.
  .section .page, "ax", %progbits
slots:
  .cfi_startproc
  slot 0, vdso_gettimeofday
  slot 1, vdso_clock_gettime
  slot 2, vdso_time
  slot 3, vdso_getpid
  slot 4, vdso_clock_getres
  slot 6, vdso_getcpu
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
  // 176 bytes in with the pc. The no-op before it is for unwinders, which look up the address before a return address.
  .balign 16
  .cfi_startproc simple
  .cfi_signal_frame
  .cfi_return_column 64
  .cfi_def_cfa sp, 0
  .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  .cfi_offset \n, 128 + 176 + 8 * \n
  .endr
  .cfi_offset 64, 128 + 176
  nop
  .balign 16
vdso_rt_sigreturn:
  li a7, 139
  ecall
  .balign 16
  .type vdso_rt_sigreturn, %function
  .size vdso_rt_sigreturn, . - vdso_rt_sigreturn
  .cfi_endproc

  export __vdso_gettimeofday, vdso_gettimeofday
  export __vdso_clock_gettime, vdso_clock_gettime
  export __vdso_time, vdso_time
  export __vdso_getpid, vdso_getpid
  export __vdso_clock_getres, vdso_clock_getres
  export __vdso_getcpu, vdso_getcpu
  export __vdso_getrandom, vdso_getrandom
  export __vdso_getuid, vdso_getuid
  export __vdso_geteuid, vdso_geteuid
  export __vdso_getgid, vdso_getgid
  export __vdso_getegid, vdso_getegid
  export __vdso_getppid, vdso_getppid
  export __vdso_rt_sigreturn, vdso_rt_sigreturn
  export __vdso_riscv_hwprobe, vdso_riscv_hwprobe
  export __vdso_flush_icache, vdso_flush_icache

  header_note

  .include "rest.s"
