// SPDX-License-Identifier: Apache-2.0

import ELF

/// What of loading depends on whether a program is a 64-bit or a 32-bit one.
struct ProgramABI: Hashable, Sendable {
  let machine: Machine
  let wordSize: InitialStack.WordSize
  /// Where the addresses end that a program can use. The corresponding kernel constant is `TASK_SIZE`.
  let addressesEnd: UInt64
  /// Where relocatable programs go, with a gap for the break to grow. The corresponding kernel constant is `ELF_ET_DYN_BASE`.
  let programBase: BaseAddress
  /// Where the rest goes; nil lets the kernel choose.
  let otherBases: OtherBases?
  /// How many pages the break may begin behind the program, at random. The corresponding kernel function is `arch_randomize_brk`.
  let breakPages: UInt64

  /// Where an i386 program's surroundings go: the kernel would choose addresses that the program can't use.
  struct OtherBases: Hashable, Sendable {
    let interpreter: BaseAddress
    let kernelVDSO: BaseAddress
    /// The end of the stack, which grows down from it.
    let stackEnd: BaseAddress
    /// Where the last steps run.
    let handOver: BaseAddress
  }

  /// Eight bits of pages, the default of /proc/sys/vm/mmap_rnd_compat_bits; eleven for the stack, as the kernel has it.
  /// 120 MiB below the stack are left free for it.
  static let i386 = ProgramABI(
    machine: .i386, wordSize: .four, addressesEnd: 0xffff_e000,
    programBase: BaseAddress(lowest: 0x5655_5000, randomPages: 1 << 8, end: 0xf770_0000),
    otherBases: OtherBases(
      interpreter: BaseAddress(lowest: 0xf790_0000, randomPages: 1 << 8, end: 0xf7c0_0000),
      kernelVDSO: BaseAddress(lowest: 0xf7d0_0000, randomPages: 1 << 8, end: 0xf7e8_0000),
      stackEnd: BaseAddress(lowest: 0xff80_0000, randomPages: 0x7fe, end: 0xffff_e000),
      handOver: BaseAddress(lowest: 0x1000_0000, randomPages: 1 << 8, end: 0xf770_0000)), breakPages: 1 << 13)

  /// That of a file whose first bytes are `prefix`; what is no i386 image is left to the checks of this machine.
  init(prefix: [UInt8]) {
    self = NativeABI.runsI386 && ProgramFileHeader(prefix: prefix).machine.isI386 ? .i386 : NativeABI.programs
  }

  /// That of a machine whose kernels differ in how many addresses they have: the stack ends little below the last of them.
  ///
  /// 18 bits of pages, the least that any of these kernels draws from.
  init(machine: Machine, stackAddress: UInt64, breakPages: UInt64) {
    let end = UInt64(1) << UInt64(64 - stackAddress.leadingZeroBitCount)
    self.init(
      machine: machine, wordSize: .eight, addressesEnd: end,
      programBase: BaseAddress(
        lowest: (end / 3 * 2).roundedDown(to: ProgramLoader.pageSize), randomPages: 1 << 18),
      otherBases: nil, breakPages: breakPages)
  }

  init(
    machine: Machine, wordSize: InitialStack.WordSize, addressesEnd: UInt64, programBase: BaseAddress,
    otherBases: OtherBases?, breakPages: UInt64
  ) {
    self.machine = machine
    self.wordSize = wordSize
    self.addressesEnd = addressesEnd
    self.programBase = programBase
    self.otherBases = otherBases
    self.breakPages = breakPages
  }
}
