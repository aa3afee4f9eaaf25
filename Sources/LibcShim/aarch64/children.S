// SPDX-License-Identifier: Apache-2.0

# vfork and clone as in libc, which also count the processes that share this memory: while there is one, getpid asks the kernel, because the
# page's identity belongs to the first of them.
#
# Assumes: AAPCS64; system calls change x0 alone. The return address is in x30, of which each process has its own.

CLONE_VM = 0x100
CLONE_VFORK = 0x4000
CLONE_THREAD = 0x10000
SIGCHLD = 17
SYS_clone = 220
SYS_exit = 93
EINVAL = 22

        .macro  count, change
        adrp    x9, shim_sharers
        add     x9, x9, :lo12:shim_sharers
.Lagain\@:
        ldxr    w10, [x9]
        add     w10, w10, #\change
        stxr    w11, w10, [x9]
        cbnz    w11, .Lagain\@
        .endm

        .text
        .globl  vfork
        .type   vfork, @function
vfork:
shim_vfork:
        .cfi_startproc
        hint    #34                     // bti c
        count   1
        mov     x0, #CLONE_VM | CLONE_VFORK | SIGCHLD
        mov     x1, #0
        mov     x2, #0
        mov     x3, #0
        mov     x4, #0
        mov     x8, #SYS_clone
        svc     #0
        cbz     x0, 1f
        count   -1
        cmn     x0, #4095
        b.cs    shim_failure
1:      ret
        .cfi_endproc
        .size   vfork, . - vfork

# int clone(int (*function)(void *), void *stack, int flags, void *argument, pid_t *parent, void *tls, pid_t *child)
        .globl  clone
        .type   clone, @function
clone:
shim_clone:
        .cfi_startproc
        hint    #34
        mov     x12, x0                 // function
        mov     x13, x3                 // argument
        mov     w14, w2                 // flags
        mov     x0, #-22
        cbz     x12, shim_failure
        and     x1, x1, #-16
        cbz     x1, shim_failure
        mov     w15, #CLONE_VM
        movk    w15, #1, lsl #16        // CLONE_THREAD
        and     w15, w15, w14
        cmp     w15, #CLONE_VM
        b.ne    1f
        count   1
1:      mov     w0, w14
        mov     x2, x4
        mov     x3, x5
        mov     x4, x6
        mov     x8, #SYS_clone
        svc     #0
        cbz     x0, 2f
        cmp     w15, #CLONE_VM
        b.ne    4f
        tbnz    x0, #63, 3f
        tbz     w14, #14, 4f
3:      count   -1
4:      cmn     x0, #4095
        b.cs    shim_failure
        ret
2:      .cfi_undefined x30
        mov     x29, #0
        mov     x0, x13
        blr     x12
        mov     x8, #SYS_exit
        svc     #0
        brk     #1
        .cfi_endproc
        .size   clone, . - clone

        .globl  shim_counts_children
        .type   shim_counts_children, @function
shim_counts_children:
        .cfi_startproc
        hint    #34
        adrp    x1, shim_vfork
        add     x1, x1, :lo12:shim_vfork
        adrp    x2, :got:vfork
        ldr     x2, [x2, :got_lo12:vfork]
        adrp    x3, shim_clone
        add     x3, x3, :lo12:shim_clone
        adrp    x4, :got:clone
        ldr     x4, [x4, :got_lo12:clone]
        mov     w0, #0
        cmp     x1, x2
        b.ne    1f
        cmp     x3, x4
        cset    w0, eq
1:      ret
        .cfi_endproc
        .size   shim_counts_children, . - shim_counts_children

shim_failure:
        b       shim_fail

        .section .note.GNU-stack, "", %progbits
