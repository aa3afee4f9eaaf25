// SPDX-License-Identifier: Apache-2.0

// The program's entry, and Mach's traps: the number negated in eax, the arguments above the return address, call gate 7.

#define TRAP(name, number) .globl name; name: movl $-number, %eax; lcall $7, $0; ret

        .text
        .globl _start
_start: movl %esp, %eax
        movl $first_stack + STACK_SIZE - 16, %esp
        pushl %eax
        call start
TRAP(mach_msg_trap, 25)
TRAP(mach_reply_port, 26)
TRAP(mach_task_self, 28)
TRAP(mach_host_self, 29)
TRAP(mach_print, 30)
TRAP(invalid_trap, 31)
TRAP(swtch_pri, 59)

// Code for a task that has only this page, at 0x10000, and the vDSO's code page at esi: calls gettimeofday and stores the result in the
// middle of the page.
        .globl foreign_program
foreign_program:
        movl $0x11000, %esp
        pushl $0
        pushl $0x10800
        leal 0x100(%esi), %eax
        call *%eax
        int3

        .bss
        .balign STACK_SIZE
first_stack:
        .skip STACK_SIZE

        .section .note.GNU-stack, "", %progbits
