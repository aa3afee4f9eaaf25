// SPDX-License-Identifier: Apache-2.0

// What starting a program takes on riscv64.

#if arch(riscv64)

  import AuxvLoader
  import CLinux
  import ELF

  enum NativeABI {
    static let programs = ProgramABI(
      machine: .riscv, stackAddress: AuxvKey.random.valueInThisProcess,
      breakPages: (1 << 30) / ProgramLoader.pageSize)

    /// Whether the kernel runs i386 programs too.
    static let runsI386 = false

    /// The corresponding C constant is `RSEQ_SIG`.
    static let rseqSignature: UInt64 = 0xf140_1073

    /// `ecall; ret`, and what its address is a multiple of.
    static func callAndReturn(_ wordSize: InitialStack.WordSize) -> (instructions: [UInt8], alignment: Int) {
      ([0x73, 0, 0, 0, 0x67, 0x80, 0, 0], 2)
    }

    /// What the last steps must know of the processor: nothing.
    static let transitionFeatures: UInt64 = 0

    /// The calls that reset what execve does on this machine alone: none.
    static func resets() -> [ExecTransition.Call] { [] }

    /// None: the thread pointer is a register that the last steps clear.
    static var threadPointerResets: [ExecTransition.Call] { [] }

    /// Whether the processor checks where indirect branches land in code that promises landing pads.
    static let checksBranchTargets = false

    /// What is added to the protection of code whose image states these properties: nothing.
    static func codeProtection(properties: [UInt8]) -> Int32 { 0 }
  }

#endif
