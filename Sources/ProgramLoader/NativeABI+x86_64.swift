// SPDX-License-Identifier: Apache-2.0

// What starting a program takes on x86_64.

#if arch(x86_64)

  import CLinux
  import ELF

  enum NativeABI {
    /// Two thirds of the address space and 28 bits of pages, the default of /proc/sys/vm/mmap_rnd_bits.
    static let programs = ProgramABI(
      machine: .x86_64, wordSize: .eight, addressesEnd: 0x7fff_ffff_f000,
      programBase: BaseAddress(lowest: 0x5555_5555_4000, randomPages: 1 << 28), otherBases: nil, breakPages: 1 << 18)

    /// Whether the kernel runs i386 programs too.
    static let runsI386 = true

    /// The corresponding C constant is `RSEQ_SIG`.
    static let rseqSignature: UInt64 = 0x5305_3053

    /// `syscall; ret` or i386's `int $0x80; ret`, and what its address is a multiple of.
    static func callAndReturn(_ wordSize: InitialStack.WordSize) -> (instructions: [UInt8], alignment: Int) {
      (wordSize == .four ? [0xcd, 0x80, 0xc3] : [0x0f, 0x05, 0xc3], 1)
    }

    /// What the last steps must know of the processor: nothing.
    static let transitionFeatures: UInt64 = 0

    /// The calls that reset what execve does on this machine alone: none.
    static func resets() -> [ExecTransition.Call] { [] }

    static var threadPointerResets: [ExecTransition.Call] {
      [0x1002 /* ARCH_SET_FS */, 0x1001 /* ARCH_SET_GS */].map { which in
        ExecTransition.Call(name: .archPrctl, number: linux_call_arch_prctl, arguments: [which, 0])
      }
    }

    /// Whether the processor checks where indirect branches land in code that promises landing pads.
    static let checksBranchTargets = false

    /// What is added to the protection of code whose image states these properties: nothing.
    static func codeProtection(properties: [UInt8]) -> Int32 { 0 }
  }

#endif
