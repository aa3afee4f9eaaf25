// SPDX-License-Identifier: Apache-2.0

// RISC-V 64: slots, signal return and exported names.

#include "entry.h"

// Slot `id`: the function `name` of the guest code, exported with Linux's prefix.
.macro function id, name
  .org slots + VDSO_SLOT_SIZE * \id
  j vdso_\name
  export __vdso_\name, vdso_\name
.endm

  .option norelax
  // One unwind table entry covers everything except the return from signals.
  .section .page, "ax", %progbits
slots:
  .cfi_startproc
  slots_0_to_4
  function 6, getcpu
  slots_7_to_12
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

  export __vdso_rt_sigreturn, vdso_rt_sigreturn
  export __vdso_riscv_hwprobe, vdso_riscv_hwprobe
  export __vdso_flush_icache, vdso_flush_icache

  header_note

  .include "rest.s"
