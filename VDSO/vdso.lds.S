// SPDX-License-Identifier: Apache-2.0

/* Linker script of the code page, through the C preprocessor. A vDSO differs from another shared object: it is one read
   and execute segment with its headers inside, file offsets equal addresses, some of its contents have fixed places,
   and its data stands in the pages before it. What is writable elsewhere is kept in .data, which must stay empty. On
   i386 code fills the gaps between the slots. */

#include <vdso.h>

#ifdef __i386__
#define START VDSO_SLOTS_I386
ENTRY(__kernel_vsyscall)
#else
#define START VDSO_SLOTS_64
#endif

PHDRS
{
  text PT_LOAD FLAGS(5) FILEHDR PHDRS;
  dynamic PT_DYNAMIC FLAGS(4);
  note PT_NOTE FLAGS(4);
  unwind PT_GNU_EH_FRAME FLAGS(4);
  stack PT_GNU_STACK FLAGS(6);
}

SECTIONS
{
#ifdef __i386__
  . = SIZEOF_HEADERS;
  .note : { *(.note.*) } :text :note
#endif
  . = START;
  .text : {
#ifndef __i386__
    vdso_time_page = . - START - 2 * VDSO_PAGE_STRIDE;
    vdso_identity_page = . - START - VDSO_PAGE_STRIDE;
#endif
    KEEP(*(.page))
    *(.text*)
    *(.rodata* .srodata*)
  } :text =0

#ifndef __i386__
  .note : { *(.note.*) } :text :note
#endif
  .dynsym : { *(.dynsym) } :text
  .gnu.version : { *(.gnu.version) }
  .gnu.version_d : { *(.gnu.version_d) }
  .dynamic : { *(.dynamic) } :text :dynamic
  .eh_frame_hdr : { *(.eh_frame_hdr) } :text :unwind
  .eh_frame : { KEEP(*(.eh_frame)) } :text
  .gnu.hash : { *(.gnu.hash) }
  .hash : { *(.hash) }
  .dynstr : { *(.dynstr) }  /* last: vdso-image-tool shrinks these three */
  .data : { *(.data*) *(.bss*) *(.sdata*) *(.sbss*) *(COMMON) } :text

  /DISCARD/ : { *(.swift*) *(.comment) *(.riscv.attributes) *(.note.GNU-stack) *(.llvm*) *(.debug*) }
}

ASSERT(SIZEOF(.data) == 0, "the page has no place for writable data")
