// SPDX-License-Identifier: Apache-2.0

// See injected_calls.h. %rsp or %esp: the list. A signal stops or ends the task: there are no handlers yet.

#if defined(__x86_64__)

        .section .rodata.linux_injected_calls, "a", @progbits
        .globl  linux_injected_calls_start, linux_injected_calls_end, linux_injected_calls_start_32, linux_injected_calls_end_32
        .hidden linux_injected_calls_start, linux_injected_calls_end, linux_injected_calls_start_32, linux_injected_calls_end_32

        .balign 8
        .code64
linux_injected_calls_start:
.Lnext:
        popq    %rax
        testq   %rax, %rax
        js      .Lspecial
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %r10
        popq    %r8
        popq    %r9
        syscall
        popq    %rbx
        movq    %rax, (%rsp)
        leaq    8(%rsp), %rsp
        cmpq    $-4095, %rax
        jb      .Lnext
        addq    %rbx, %rsp
        jmp     .Lnext
.Lspecial:
        incq    %rax
        jz      .Lend
        popq    %rsi
        popq    %rcx
        popq    %rdi
        incq    %rax
        jz      .Ladd
        rep movsb
        jmp     .Lnext
.Ladd:
        addq    (%rsi), %rcx
        movq    %rcx, (%rdi)
        jmp     .Lnext
.Lend:
        movl    $15, %eax               // rt_sigreturn
        syscall
        .balign 8
linux_injected_calls_end:

        .code32
linux_injected_calls_start_32:
.Lnext32:
        popl    %eax
        testl   %eax, %eax
        js      .Lspecial32
        popl    %ebx
        popl    %ecx
        popl    %edx
        popl    %esi
        popl    %edi
        popl    %ebp
        int     $0x80
        popl    %ebx
        movl    %eax, (%esp)
        leal    4(%esp), %esp
        cmpl    $-4095, %eax
        jb      .Lnext32
        addl    %ebx, %esp
        jmp     .Lnext32
.Lspecial32:
        incl    %eax
        jz      .Lend32
        popl    %esi
        popl    %ecx
        popl    %edi
        incl    %eax
        jz      .Ladd32
        rep movsb
        jmp     .Lnext32
.Ladd32:
        addl    (%esi), %ecx
        movl    %ecx, (%edi)
        jmp     .Lnext32
.Lend32:
        movl    $173, %eax              // rt_sigreturn
        int     $0x80
        .balign 8
linux_injected_calls_end_32:
#endif

// If one object, even an empty one, lacks this section, the program gets an executable stack.
        .section .note.GNU-stack, "", %progbits
