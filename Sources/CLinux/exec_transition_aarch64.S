// SPDX-License-Identifier: Apache-2.0

// See exec_transition.h. Copied to the start of a page of its own: no libc, no thread-local storage, no stack until the new
// one is in place. x0: struct linux_transition. The size of the stack image is a multiple of 16.

#if defined(__aarch64__)

        .text
        .balign 64
        .globl  linux_transition_start, linux_transition_return, linux_transition_end
        .hidden linux_transition_start, linux_transition_return, linux_transition_end

linux_transition_start:
        mov     x19, x0
        ldp     x20, x21, [x19]

.Lnext_call:
        cmp     x20, x21
        b.eq    .Lcopy_stack
        ldp     x8, x0, [x20]
        ldp     x1, x2, [x20, #16]
        ldp     x3, x4, [x20, #32]
        ldr     x5, [x20, #48]
        svc     #0
        tbnz    x0, #63, .Lcall_failed
        ldr     x9, [x20, #88]
        cbz     x9, .Lresult_kept
        str     x0, [x9]
.Lresult_kept:
        ldp     x9, x10, [x20, #64]
        cmp     x0, #0
        csel    x9, x9, x10, eq
.Lskip:
        add     x20, x20, x9
        add     x20, x20, #96
        b       .Lnext_call

.Lcall_failed:
        ldr     x22, [x20, #56]
        cbz     x22, .Lfailure_done
        neg     x9, x0
        ldr     x10, [x22]              // the text's size
        add     x1, x22, #16
        mov     x11, #10
        mov     x12, #'\n'              // the digits go in front of it, the last one first
        add     x2, x10, #1
.Lnext_digit:
        udiv    x13, x9, x11
        msub    x14, x13, x11, x9
        add     x14, x14, #'0'
        orr     x12, x14, x12, lsl #8
        add     x2, x2, #1
        mov     x9, x13
        cbnz    x9, .Lnext_digit
        str     x12, [x1, x10]
        mov     x0, #2
        mov     x8, #64                 // write
        svc     #0
        ldr     x9, [x22, #8]
        cbnz    x9, .Lgive_up
.Lfailure_done:
        ldr     x9, [x20, #80]
        b       .Lskip

.Lgive_up:
        mov     x0, #126
        mov     x8, #94                 // exit_group
        svc     #0
        brk     #1

.Lcopy_stack:
        ldp     x1, x2, [x19, #16]
        ldr     x3, [x19, #32]
        cbz     x3, .Lcopied
.Lnext_pair:
        ldp     x4, x5, [x1], #16
        stp     x4, x5, [x2], #16
        subs    x3, x3, #16
        b.hi    .Lnext_pair
.Lcopied:

        // Writes to the vector registers also clear what SVE adds to them. The predicates are clear: every system call clears them.
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        movi    v\n\().2d, #0
        .endr
        msr     fpcr, xzr
        msr     fpsr, xzr
        msr     tpidr_el0, xzr
        ldr     x9, [x19, #88]
        tbz     x9, #0, .Lenter
        .inst   0xd503467f              // smstop: neither streaming mode nor the matrix
        msr     s3_3_c13_c0_5, xzr      // tpidr2_el0

.Lenter:
        ldp     x9, x30, [x19, #40]
        mov     sp, x9
        ldp     x16, x8, [x19, #56]
        ldp     x0, x1, [x19, #72]
        .irp    n, 2,3,4,5,6,7,9,10,11,12,13,14,15,17,18,19,20,21,22,23,24,25,26,27,28,29
        mov     x\n, #0
        .endr
        msr     nzcv, xzr
        ret     x16                     // a return needs no landing pad; the call's result, 0, is the ABI's "nothing for atexit"

linux_transition_return:
        ret

        .balign 64
linux_transition_end:

#endif

        .section .note.GNU-stack, "", %progbits
