// SPDX-License-Identifier: Apache-2.0

// What the loader must know of x86_64.

#if arch(x86_64)

  import CLinux
  import ELF

  enum NativeABI {
    /// The base lies at two thirds of the address space. 28 bits of its page number are random, the default of /proc/sys/vm/mmap_rnd_bits.
    static let programs = ProgramABI(
      machine: .x86_64, wordSize: .eight, addressesEnd: 0x7fff_ffff_f000,
      programBase: BaseAddress(lowest: 0x5555_5555_4000, randomPages: 1 << 28), otherBases: nil, breakPages: 1 << 18)

    /// Whether the kernel runs i386 programs too.
    static let runsI386 = true

    /// The corresponding C constant is `RSEQ_SIG`.
    static let rseqSignature: UInt64 = 0x5305_3053

    /// `syscall; ret` or i386's `int $0x80; ret`, and the alignment of its address.
    static func callAndReturn(_ wordSize: InitialStack.WordSize) -> (instructions: [UInt8], alignment: Int) {
      (wordSize == .four ? [0xcd, 0x80, 0xc3] : [0x0f, 0x05, 0xc3], 1)
    }

    /// What matters to the last steps: bit 0 says whether this process's C library may have used more registers than x87 and SSE have.
    static let transitionFeatures: UInt64 = linux_uses_wide_registers() ? 1 : 0

    /// The calls that reset what execve resets on this machine alone: none.
    static func resets() -> [ExecTransition.Call] { [] }

    static var threadPointerResets: [ExecTransition.Call] {
      [0x1002 /* ARCH_SET_FS */, 0x1001 /* ARCH_SET_GS */].map { which in
        ExecTransition.Call(name: .archPrctl, number: linux_call_arch_prctl, arguments: [which, 0])
      }
    }

    /// Whether the processor checks the targets of indirect branches in code that states it has landing pads.
    static let checksBranchTargets = false

    /// The flags to add to the protection of code whose image states these properties: none.
    static func codeProtection(properties: [UInt8]) -> Int32 { 0 }
  }

#endif
