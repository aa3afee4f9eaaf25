// SPDX-License-Identifier: Apache-2.0

// States that every target of an indirect branch has a landing pad, and branches to one that has none. A processor that checks this ends
// the program with SIGILL; otherwise it exits with 3.

        .section .note.gnu.property, "a", %note
        .balign 8
        .word   4, 16, 5
        .asciz  "GNU"
        .word   0xc0000000, 4, 1, 0     // GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI

        .text
        .globl  _start
_start:
        hint    #34                     // bti c
        adr     x0, 1f
        br      x0
1:      mov     x0, #3
        mov     x8, #93                 // exit
        svc     #0
