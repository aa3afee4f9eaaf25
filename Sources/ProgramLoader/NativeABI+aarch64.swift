// SPDX-License-Identifier: Apache-2.0

// What the loader must know of AArch64.

#if arch(arm64)

  import AuxvLoader
  import CLinux
  import ELF
  import ProcessSupport

  enum NativeABI {
    static let programs = ProgramABI(
      machine: .aarch64, stackAddress: AuxvKey.random.valueInThisProcess,
      breakPages: (1 << 30) / ProgramLoader.pageSize)

    /// Whether the kernel runs i386 programs too.
    static let runsI386 = false

    /// An instruction that traps. The corresponding C constant is `RSEQ_SIG`.
    static let rseqSignature: UInt64 = 0xd428_bc00

    /// `svc #0; ret`, and the alignment of its address.
    static func callAndReturn(_ wordSize: InitialStack.WordSize) -> (instructions: [UInt8], alignment: Int) {
      ([0x01, 0, 0, 0xd4, 0xc0, 0x03, 0x5f, 0xd6], 4)
    }

    /// The processor's features that matter to the last steps: bit 0 says whether it has SME's state.
    static var transitionFeatures: UInt64 { capabilities & (1 << 23 /* HWCAP2_SME */) == 0 ? 0 : 1 }

    /// The calls that reset what execve resets on this machine alone. Processors without the feature return EINVAL.
    static func resets() -> [ExecTransition.Call] {
      let calls: [[UInt64]] =
        [
          // New keys, all of them enabled: PR_PAC_RESET_KEYS, PR_PAC_SET_ENABLED_KEYS.
          [54, 0, 0, 0, 0], [60, 15, 15, 0, 0],
          // No tags in addresses, and no checks of tags: PR_SET_TAGGED_ADDR_CTRL.
          [55, 0, 0, 0, 0],
        ] + vectorLength(get: 51, set: 50, "sve") + vectorLength(get: 64, set: 63, "sme")
      return calls.map { ExecTransition.Call(name: .prctl, number: linux_call_prctl, arguments: $0) }
    }

    /// There are none: the thread pointer is a register that the last steps clear.
    static var threadPointerResets: [ExecTransition.Call] { [] }

    /// Whether the processor checks the targets of indirect branches in code that states it has landing pads (BTI).
    static var checksBranchTargets: Bool { capabilities & (1 << 17 /* HWCAP2_BTI */) != 0 }

    /// The flags to add to the protection of code whose image states these properties: PROT_BTI if it states that it has landing pads.
    static func codeProtection(properties: [UInt8]) -> Int32 {
      GNUProperty.value(0xc000_0000 /* GNU_PROPERTY_AARCH64_FEATURE_1_AND */, in: properties) & 1 == 0 ? 0 : 0x10
    }

    private static var capabilities: UInt64 { AuxvKey.hardwareCapabilities2.valueInThisProcess }

    /// The calls that set the system's default vector length, unless this process's is inherited (PR_SVE_VL_INHERIT, and the same for SME).
    private static func vectorLength(get: Int, set: UInt64, _ name: String) -> [[UInt64]] {
      let current = linux_syscall(linux_call_prctl, get, 0, 0, 0, 0, 0)
      guard current >= 0, current & (1 << 17) == 0,
        let length = SmallFile.line("/proc/sys/abi/\(name)_default_vector_length").flatMap({ UInt64($0) }),
        length != current & 0xffff
      else { return [] }
      return [[set, length, 0, 0, 0]]
    }
  }

#endif
