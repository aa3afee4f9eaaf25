// SPDX-License-Identifier: Apache-2.0

// What the loader must know of RISC-V 64.

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

    /// `ecall; ret`, and the alignment of its address.
    static func callAndReturn(_ wordSize: InitialStack.WordSize) -> (instructions: [UInt8], alignment: Int) {
      ([0x73, 0, 0, 0, 0x67, 0x80, 0, 0], 2)
    }

    /// The processor's features that matter to the last steps: none.
    static let transitionFeatures: UInt64 = 0

    /// The calls that reset what execve resets on this machine alone: none.
    static func resets() -> [ExecTransition.Call] { [] }

    /// There are none: the thread pointer is a register that the last steps clear.
    static var threadPointerResets: [ExecTransition.Call] { [] }

    /// Whether the processor checks the targets of indirect branches in code that states it has landing pads.
    static let checksBranchTargets = false

    /// The flags to add to the protection of code whose image states these properties: none.
    static func codeProtection(properties: [UInt8]) -> Int32 { 0 }
  }

#endif
