// SPDX-License-Identifier: Apache-2.0

# vfork and clone as in libc, which also count the processes that share this memory: while there is one, getpid asks the kernel, because the
# page's identity belongs to the first of them.
#
# Assumes: System V ABI; system calls change rax, rcx and r11 alone. vfork's return address waits in rdi, because the child
# uses the same stack first. The child leaves by a jump and not by a return, so that a shadow stack, which it shares as
# well, keeps the entry for its parent.

CLONE_VM = 0x100
CLONE_VFORK = 0x4000
CLONE_THREAD = 0x10000
SYS_clone = 56
SYS_vfork = 58
SYS_exit = 60
EINVAL = 22

        .text
        .globl  vfork
        .type   vfork, @function
vfork:
shim_vfork:
        .cfi_startproc
        endbr64
        pop     %rdi
        .cfi_adjust_cfa_offset -8
        .cfi_register rip, rdi
        lock incl shim_sharers(%rip)
        mov     $SYS_vfork, %eax
        syscall
        test    %eax, %eax
        jz      1f
        lock decl shim_sharers(%rip)
        .cfi_remember_state
        push    %rdi
        .cfi_adjust_cfa_offset 8
        .cfi_offset rip, -8
        cmp     $-4095, %rax
        jae     shim_failure
        ret
1:      .cfi_restore_state
        jmp     *%rdi
        .cfi_endproc
        .size   vfork, . - vfork

# int clone(int (*function)(void *), void *stack, int flags, void *argument, pid_t *parent, void *tls, pid_t *child)
# The child begins at 2 on its own stack, where function and argument were put. What it shares beyond vfork's end stays
# counted: nothing says when such a child ends.
        .globl  clone
        .type   clone, @function
clone:
shim_clone:
        .cfi_startproc
        endbr64
        mov     $-EINVAL, %rax
        test    %rdi, %rdi
        jz      shim_failure
        and     $-16, %rsi
        jz      shim_failure
        mov     %rcx, -8(%rsi)
        mov     %rdi, -16(%rsi)
        sub     $16, %rsi
        mov     %edx, %edi
        mov     %r8, %rdx
        mov     %r9, %r8
        mov     8(%rsp), %r10
        mov     %edi, %r9d
        and     $CLONE_VM | CLONE_THREAD, %r9d
        cmp     $CLONE_VM, %r9d
        jne     1f
        lock incl shim_sharers(%rip)
1:      mov     $SYS_clone, %eax
        syscall
        test    %eax, %eax
        jz      2f
        cmp     $CLONE_VM, %r9d
        jne     4f
        # A failed call and a finished vfork leave no child behind.
        test    %eax, %eax
        js      3f
        test    $CLONE_VFORK, %edi
        jz      4f
3:      lock decl shim_sharers(%rip)
4:      cmp     $-4095, %rax
        jae     shim_failure
        ret
2:      .cfi_undefined rip
        xor     %ebp, %ebp
        pop     %rax
        pop     %rdi
        call    *%rax
        mov     %eax, %edi
        mov     $SYS_exit, %eax
        syscall
        ud2
        .cfi_endproc
        .size   clone, . - clone

# int shim_counts_children(void): whether a call of vfork or clone anywhere in the process comes here, and not to another
# library's, as it does where this one was loaded later or behind it.
        .globl  shim_counts_children
        .type   shim_counts_children, @function
shim_counts_children:
        .cfi_startproc
        endbr64
        xor     %eax, %eax
        lea     shim_vfork(%rip), %rcx
        cmp     vfork@GOTPCREL(%rip), %rcx
        jne     1f
        lea     shim_clone(%rip), %rcx
        cmp     clone@GOTPCREL(%rip), %rcx
        sete    %al
1:      ret
        .cfi_endproc
        .size   shim_counts_children, . - shim_counts_children

# -1 and errno for the negated error number in rax.
shim_failure:
        mov     %rax, %rdi
        jmp     shim_fail

        .section .note.GNU-stack, "", @progbits
