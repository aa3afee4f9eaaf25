// SPDX-License-Identifier: Apache-2.0

// x86_64: slots and exported names.

#include "entry.h"

.macro slot id, target
  .org slots + VDSO_SLOT_SIZE * \id
  jmp \target
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
  export_weak gettimeofday, vdso_gettimeofday
  export_weak clock_gettime, vdso_clock_gettime
  export_weak time, vdso_time
  export_weak clock_getres, vdso_clock_getres
  export_weak getcpu, vdso_getcpu
  export_weak getrandom, vdso_getrandom

  header_note

  .include "rest.s"
