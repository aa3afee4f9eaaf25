// SPDX-License-Identifier: Apache-2.0

// See injected_calls.h. s0: the list. The code doesn't use the stack pointer until the end.

#if defined(__riscv) && __riscv_xlen == 64

        .section .rodata.linux_injected_calls, "a", @progbits
        .globl  linux_injected_calls_start, linux_injected_calls_end
        .hidden linux_injected_calls_start, linux_injected_calls_end

        .balign 8
        .option push
        .option norelax
linux_injected_calls_start:
.Lnext:
        ld      a7, 0(s0)
        addi    s0, s0, 8
        bltz    a7, .Lspecial
        ld      a0, 0(s0)
        ld      a1, 8(s0)
        ld      a2, 16(s0)
        ld      a3, 24(s0)
        ld      a4, 32(s0)
        ld      a5, 40(s0)
        ecall
        ld      t0, 48(s0)
        sd      a0, 56(s0)
        addi    s0, s0, 64
        li      t1, -4095
        sltu    t1, a0, t1
        bnez    t1, .Lnext
        add     s0, s0, t0
        j       .Lnext
.Lspecial:
        addi    a7, a7, 1
        beqz    a7, .Lend
        ld      a1, 0(s0)
        ld      a2, 8(s0)
        ld      a3, 16(s0)
        addi    s0, s0, 24
        addi    a7, a7, 1
        beqz    a7, .Ladd
.Lcopy:
        beqz    a2, .Lnext
        lb      a4, 0(a1)
        sb      a4, 0(a3)
        addi    a1, a1, 1
        addi    a3, a3, 1
        addi    a2, a2, -1
        j       .Lcopy
.Ladd:
        ld      a4, 0(a1)
        add     a4, a4, a2
        sd      a4, 0(a3)
        j       .Lnext
.Lend:
        addi    s0, s0, 15
        andi    sp, s0, -16
        li      a7, 139                 // rt_sigreturn
        ecall
        .option pop
        .balign 8
linux_injected_calls_end:
#endif

// If one object, even an empty one, lacks this section, the program gets an executable stack.
        .section .note.GNU-stack, "", %progbits
