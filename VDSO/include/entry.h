// SPDX-License-Identifier: Apache-2.0

// Macros for the entry.S of each architecture, which gives the guest code its exported names and fixed offsets.
// This is assembly.
// clang-format off

#include <vdso.h>

// Exports the guest function `target` as `name`, type and size included.
.macro export name, target
  .globl \name
  .set \name, \target
.endm

// The same as a weak symbol, for the unprefixed names of x86_64.
.macro export_weak name, target
  .weak \name
  .set \name, \target
.endm

// The 64-bit entry slots of every architecture, made by its macro `function id, name`. Only some architectures have slot 6.
.macro slots_0_to_4
  function 0, gettimeofday
  function 1, clock_gettime
  function 2, time
  function 3, getpid
  function 4, clock_getres
.endm
.macro slots_7_to_12
  function 7, getrandom
  function 8, getuid
  function 9, geteuid
  function 10, getgid
  function 11, getegid
  function 12, getppid
.endm

// The fields that the producer fills in, after 64-bit entry slots: the host's entry points and the Mach header.
.macro producer_fields
  .org slots + VDSO_HOST_OFFSET_64 - VDSO_SLOTS_64
  .hidden vdso_host
  .globl vdso_host
vdso_host:
  .zero 48  // sizeof(vdso_host_t)
  .org slots + VDSO_HEADER_OFFSET - VDSO_SLOTS_64
  .zero 16 + 12 * VDSO_MAX_SYMBOLS  // sizeof(vdso_header_t)
.endm

// The note with the offset of the Mach header.
.macro header_note
  .section .note.vdso, "a", %note
  .balign 4
  .long 4, 4, 1  // sizes of owner and descriptor, VDSO_NOTE_HEADER
  .asciz "VDS"
  .long VDSO_HEADER_OFFSET
.endm
