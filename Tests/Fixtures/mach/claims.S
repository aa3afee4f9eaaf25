// SPDX-License-Identifier: Apache-2.0

// The script of the claims, from which Scripts/mach has removed the results.

        .section .rodata
        .globl claims_script
claims_script:
        .incbin "claims-script"
        .byte 0

        .section .note.GNU-stack, "", %progbits
