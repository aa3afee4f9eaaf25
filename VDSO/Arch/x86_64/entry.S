// SPDX-License-Identifier: Apache-2.0

// x86_64: slots and exported names.

#include "entry.h"

// Slot `id`: the function `name` of the guest code, exported with Linux's prefix.
.macro function id, name
  .org slots + VDSO_SLOT_SIZE * \id
  jmp vdso_\name
  export __vdso_\name, vdso_\name
.endm

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

  // Linux exports these names without the prefix too.
  .irp name, gettimeofday, clock_gettime, time, clock_getres, getcpu, getrandom
  export_weak \name, vdso_\name
  .endr

  header_note

  .include "rest.s"
