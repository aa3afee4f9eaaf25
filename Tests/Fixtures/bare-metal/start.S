// SPDX-License-Identifier: Apache-2.0

# Entry from the boot loader, entry from the gates, and the way to ring 3.

#define MAGIC 0x1badb002
#define FLAGS 1  /* modules on page boundaries */

  .section .multiboot, "a"
  .balign 4
  .long MAGIC, FLAGS, -(MAGIC + FLAGS)

  .text
  .globl start
start:
  movl $stack_end, %esp
  pushl %ebx  # the loader's table
  call kernel_main
1:
  hlt
  jmp 1b

# enter_user(entry, stack): to ring 3, with data segments of its own.
  .globl enter_user
enter_user:
  movl 4(%esp), %ecx
  movl 8(%esp), %edx
  movw $0x23, %ax
  movw %ax, %ds
  movw %ax, %es
  pushl $0x23
  pushl %edx
  pushl $2  # interrupts stay off
  pushl $0x1b
  pushl %ecx
  iret

# Each gate leaves an error code, 0 where the processor has none, and its number, for `interrupted` of kernel.c.
.macro gate number, code=0
  .globl gate_\number
gate_\number:
  .ifeq \code
  pushl $0
  .endif
  pushl $\number
  jmp enter_kernel
.endm
  gate 0
  gate 6
  gate 13, 1
  gate 14, 1
  gate 128

enter_kernel:
  pusha
  movw $0x10, %ax
  movw %ax, %ds
  movw %ax, %es
  pushl %esp
  call interrupted
  addl $4, %esp
  movw $0x23, %ax
  movw %ax, %ds
  movw %ax, %es
  popa
  addl $8, %esp
  iret

  .section .note.GNU-stack, "", @progbits

  .bss
  .balign 16
  .space 8192
  .globl stack_end
stack_end:
