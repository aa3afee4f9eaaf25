// SPDX-License-Identifier: Apache-2.0

// AArch64: slots, signal return and exported names.

#include "entry.h"

// Slot `id`: the function `name` of the guest code, exported with Linux's prefix.
.macro function id, name
  .org slots + VDSO_SLOT_SIZE * \id
  b vdso_\name
  export __kernel_\name, vdso_\name
.endm

  // One unwind table entry covers everything except the return from signals.
  .section .page, "ax", %progbits
slots:
  .cfi_startproc
  slots_0_to_4
  slots_7_to_12
  producer_fields
  .include "functions.s"
  .cfi_endproc

  // A signal handler returns here with sp at the frame: siginfo of 128 bytes, then the ucontext, whose registers start
  // 176 bytes in. The no-op before it is for unwinders, which look up the address before a return address.
  .balign 16
  .cfi_startproc simple
  .cfi_signal_frame
  .cfi_def_cfa sp, 0
  // CFA = saved sp. x0 to x30 and the pc are at their offsets in struct sigcontext. Column 32 is the return address here: the saved pc
  // stands for it.
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

  export __kernel_rt_sigreturn, vdso_rt_sigreturn

  header_note

  .include "rest.s"
