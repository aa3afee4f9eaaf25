// SPDX-License-Identifier: Apache-2.0

// See exec_transition.h. Copied to the start of a page of its own: no libc, no thread-local storage, no stack until the new
// one is in place. %rdi: struct linux_transition.

#if defined(__x86_64__)

        .text
        .balign 64
        .globl  linux_transition_start, linux_transition_return, linux_transition_end
        .hidden linux_transition_start, linux_transition_return, linux_transition_end

linux_transition_start:
        movq    %rdi, %rbx
        movq    0(%rbx), %r12
        movq    8(%rbx), %r13

.Lnext_call:
        cmpq    %r12, %r13
        je      .Lcopy_stack
        movq    0(%r12), %rax
        movq    8(%r12), %rdi
        movq    16(%r12), %rsi
        movq    24(%r12), %rdx
        movq    32(%r12), %r10
        movq    40(%r12), %r8
        movq    48(%r12), %r9
        syscall
        testq   %rax, %rax
        js      .Lcall_failed
        movq    88(%r12), %rcx
        jrcxz   .Lresult_kept
        movq    %rax, (%rcx)
.Lresult_kept:
        movq    64(%r12), %rcx
        testq   %rax, %rax
        cmovnzq 72(%r12), %rcx
.Lskip:
        leaq    96(%r12, %rcx), %r12
        jmp     .Lnext_call

.Lcall_failed:
        movq    56(%r12), %rsi
        testq   %rsi, %rsi
        jz      .Lfailure_done
        negq    %rax
        movq    %rsi, %r14
        movq    0(%r14), %r15           // the text's size
        addq    $16, %rsi
        movl    $10, %ecx
        movl    $'\n', %r8d             // the digits go in front of it, the last one first
.Lnext_digit:
        xorl    %edx, %edx
        divl    %ecx
        addl    $'0', %edx
        shlq    $8, %r8
        orq     %rdx, %r8
        incq    %r15
        testl   %eax, %eax
        jnz     .Lnext_digit
        movq    0(%r14), %rcx
        movq    %r8, (%rsi, %rcx)
        leaq    1(%r15), %rdx
        movl    $1, %eax                // write
        movl    $2, %edi
        syscall
        cmpq    $0, 8(%r14)
        jne     .Lgive_up
.Lfailure_done:
        movq    80(%r12), %rcx
        jmp     .Lskip

.Lgive_up:
        movl    $231, %eax              // exit_group
        movl    $126, %edi
        syscall
        ud2

.Lcopy_stack:
        cld
        movq    16(%rbx), %rsi
        movq    24(%rbx), %rdi
        movq    32(%rbx), %rcx
        rep movsb

        // Puts x87, SSE and later extensions into their initial state. XRSTOR takes MXCSR from the area, and the rest from the empty
        // component bitmap. PKRU (component 9) keeps the kernel's value: its initial state would unlock all keys. Under a hypervisor, CPUID
        // takes as long as a hundred system calls.
        testb   $1, 88(%rbx)
        jz      .Lno_xsave
        movq    %rbx, %r12
        movl    $1, %eax
        xorl    %ecx, %ecx
        cpuid
        movq    %r12, %rbx
        btl     $27, %ecx               // OSXSAVE
        jnc     .Lno_xsave
        movl    $~(1 << 9), %eax
        movl    $-1, %edx
        xrstor  .Linitial_state(%rip)
        jmp     .Lenter
.Lno_xsave:
        fxrstor .Linitial_state(%rip)

.Lenter:
        movq    40(%rbx), %rsp
        cmpw    $0, 96(%rbx)
        jne     .Lenter_compatibility_mode
        pushq   $0x202                  // interrupts enabled, nothing else: what the kernel starts programs with
        popfq
        movq    48(%rbx), %rax
        movq    %rax, -8(%rsp)
        leaq    -8(%rsp), %rsp
        movq    56(%rbx), %rcx
        movq    64(%rbx), %rax
        movq    72(%rbx), %rdi
        movq    80(%rbx), %rsi
        movl    $0, %ebx                // mov, not xor: the flags are set
        movl    $0, %edx                // the ABI's "no function to register with atexit"
        movl    $0, %ebp
        movl    $0, %r8d
        movl    $0, %r9d
        movl    $0, %r10d
        movl    $0, %r12d
        movl    $0, %r13d
        movl    $0, %r14d
        movl    $0, %r15d
        jmp     *%rcx

        // The 32-bit code makes its system call last, and its `ret` takes the entry from the stack.
.Lenter_compatibility_mode:
        movl    $0x2b, %eax             // __USER_DS
        movl    %eax, %ds
        movl    %eax, %es
        movl    48(%rbx), %eax
        movl    %eax, -4(%rsp)
        leaq    -4(%rsp), %rsp
        movl    56(%rbx), %eax
        movl    %eax, 92(%rbx)          // ahead of the code segment: what a far jump reads
        leaq    92(%rbx), %r15          // out of reach for 32-bit code
        movl    64(%rbx), %eax
        movl    80(%rbx), %ecx
        movl    72(%rbx), %ebx
        pushq   $0x202
        popfq
        movl    $0, %edx
        movl    $0, %esi
        movl    $0, %edi
        movl    $0, %ebp
        movl    $0, %r8d
        movl    $0, %r9d
        movl    $0, %r10d
        movl    $0, %r11d
        movl    $0, %r12d
        movl    $0, %r13d
        movl    $0, %r14d
        ljmpl   *(%r15)

linux_transition_return:
        ret

        .balign 64
.Linitial_state:
        .short  0x37f                   // FCW, for FXRSTOR
        .zero   22
        .long   0x1f80                  // MXCSR
        .zero   484                     // to the end of the legacy area
        .zero   64                      // XSAVE header: no component present
linux_transition_end:

#endif

        .section .note.GNU-stack, "", @progbits
