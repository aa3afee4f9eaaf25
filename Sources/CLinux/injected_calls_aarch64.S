// SPDX-License-Identifier: Apache-2.0

// See injected_calls.h. x19: the list. The code doesn't use the stack pointer until the end.

#if defined(__aarch64__)

        .section .rodata.linux_injected_calls, "a", %progbits
        .globl  linux_injected_calls_start, linux_injected_calls_end
        .hidden linux_injected_calls_start, linux_injected_calls_end

        .balign 8
linux_injected_calls_start:
.Lnext:
        ldr     x8, [x19], #8
        tbnz    x8, #63, .Lspecial
        ldp     x0, x1, [x19]
        ldp     x2, x3, [x19, #16]
        ldp     x4, x5, [x19, #32]
        svc     #0
        ldr     x9, [x19, #48]
        str     x0, [x19, #56]
        add     x19, x19, #64
        cmn     x0, #4095
        b.cc    .Lnext
        add     x19, x19, x9
        b       .Lnext
.Lspecial:
        adds    x8, x8, #1
        b.eq    .Lend
        ldp     x1, x2, [x19]
        ldr     x3, [x19, #16]
        add     x19, x19, #24
        adds    x8, x8, #1
        b.eq    .Ladd
.Lcopy:
        cbz     x2, .Lnext
        ldrb    w4, [x1], #1
        strb    w4, [x3], #1
        sub     x2, x2, #1
        b       .Lcopy
.Ladd:
        ldr     x4, [x1]
        add     x4, x4, x2
        str     x4, [x3]
        b       .Lnext
.Lend:
        add     x19, x19, #15
        and     x19, x19, #~15
        mov     sp, x19
        mov     x8, #139                // rt_sigreturn
        svc     #0
        .balign 8
linux_injected_calls_end:
#endif

// If one object, even an empty one, lacks this section, the program gets an executable stack.
        .section .note.GNU-stack, "", %progbits
