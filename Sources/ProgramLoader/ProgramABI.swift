// SPDX-License-Identifier: Apache-2.0

import ELF

/// The properties of programs that depend on their word size.
struct ProgramABI: Hashable, Sendable {
  let machine: Machine
  let wordSize: InitialStack.WordSize
  /// The end of the addresses that a program can use. The corresponding kernel constant is `TASK_SIZE`.
  let addressesEnd: UInt64
  /// The region of relocatable programs, which leaves space for the break to grow. The corresponding kernel constant is `ELF_ET_DYN_BASE`.
  let programBase: BaseAddress
  /// The regions of everything else; nil if the kernel chooses them.
  let otherBases: OtherBases?
  /// The number of pages behind the program among which the break's start is chosen at random. The corresponding kernel function is
  /// `arch_randomize_brk`.
  let breakPages: UInt64

  /// The regions of an i386 program's interpreter, vDSO and stack. The kernel would choose addresses that the program can't use.
  struct OtherBases: Hashable, Sendable {
    let interpreter: BaseAddress
    let kernelVDSO: BaseAddress
    /// The end of the stack, which grows down from it.
    let stackEnd: BaseAddress
    /// The region in which the last steps run.
    let handOver: BaseAddress
  }

  /// Eight bits of the page number are random, the default of /proc/sys/vm/mmap_rnd_compat_bits, and eleven for the stack, as in the
  /// kernel. The stack has 120 MiB of free addresses below it.
  static let i386 = ProgramABI(
    machine: .i386, wordSize: .four, addressesEnd: 0xffff_e000,
    programBase: BaseAddress(lowest: 0x5655_5000, randomPages: 1 << 8, end: 0xf770_0000),
    otherBases: OtherBases(
      interpreter: BaseAddress(lowest: 0xf790_0000, randomPages: 1 << 8, end: 0xf7c0_0000),
      kernelVDSO: BaseAddress(lowest: 0xf7d0_0000, randomPages: 1 << 8, end: 0xf7e8_0000),
      stackEnd: BaseAddress(lowest: 0xff80_0000, randomPages: 0x7fe, end: 0xffff_e000),
      handOver: BaseAddress(lowest: 0x1000_0000, randomPages: 1 << 8, end: 0xf770_0000)), breakPages: 1 << 13)

  /// The ABI of a file whose first bytes are `prefix`. A file that is no i386 image gets this machine's ABI, whose checks refuse it if it
  /// is wrong.
  init(prefix: [UInt8]) {
    self = NativeABI.runsI386 && ProgramFileHeader(prefix: prefix).machine.isI386 ? .i386 : NativeABI.programs
  }

  /// The ABI of a machine whose kernels differ in the size of the address space. The stack's address gives that size, because the stack
  /// ends little below its end.
  ///
  /// 18 bits of the page number are random, the least of any of these kernels.
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
