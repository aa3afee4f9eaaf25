import ELF

/// What of loading depends on whether a program is a 64-bit or a 32-bit one.
struct ProgramABI: Hashable, Sendable {
  let machine: Machine
  let wordSize: InitialStack.WordSize
  /// The addresses that a program can use.
  let addresses: Range<UInt64>
  /// Where relocatable programs go, with room for the break to grow. The corresponding kernel constant is `ELF_ET_DYN_BASE`.
  let programBase: BaseAddress
  /// Where the rest goes; nil lets the kernel choose.
  let otherBases: OtherBases?

  /// Where an i386 program's surroundings go: the kernel would choose addresses that the program can't use.
  struct OtherBases: Hashable, Sendable {
    let interpreter: BaseAddress
    let kernelVDSO: BaseAddress
    /// The end of the stack, which grows down from it.
    let stackEnd: BaseAddress
    /// Where the last steps run.
    let handOver: BaseAddress
  }

  /// Two thirds of the address space and 28 bits of pages, the default of /proc/sys/vm/mmap_rnd_bits.
  static let x86_64 = ProgramABI(
    machine: .x86_64, wordSize: .eight, addresses: 0x1_0000..<0x7fff_ffff_f000,
    programBase: BaseAddress(lowest: 0x5555_5555_4000, randomPages: 1 << 28), otherBases: nil)

  /// Eight bits of pages, the default of /proc/sys/vm/mmap_rnd_compat_bits; eleven for the stack, as the kernel has it.
  /// 120 MiB below the stack are left free for it.
  static let i386 = ProgramABI(
    machine: .i386, wordSize: .four, addresses: 0x1_0000..<0xffff_e000,
    programBase: BaseAddress(lowest: 0x5655_5000, randomPages: 1 << 8, isRequired: true),
    otherBases: OtherBases(
      interpreter: BaseAddress(lowest: 0xf790_0000, randomPages: 1 << 8, isRequired: true),
      kernelVDSO: BaseAddress(lowest: 0xf7d0_0000, randomPages: 1 << 8, isRequired: true),
      stackEnd: BaseAddress(lowest: 0xff80_0000, randomPages: 0x7fe, isRequired: true),
      handOver: BaseAddress(lowest: 0x1000_0000, randomPages: 1 << 8, isRequired: true)))

  /// That of a file whose first bytes are `prefix`; what is no i386 image is left to the checks of x86_64.
  init(prefix: [UInt8]) {
    // EI_CLASS and e_machine.
    self = prefix.count >= 20 && prefix[4] == 1 && prefix[18] == 3 && prefix[19] == 0 ? .i386 : .x86_64
  }

  private init(
    machine: Machine, wordSize: InitialStack.WordSize, addresses: Range<UInt64>, programBase: BaseAddress,
    otherBases: OtherBases?
  ) {
    self.machine = machine
    self.wordSize = wordSize
    self.addresses = addresses
    self.programBase = programBase
    self.otherBases = otherBases
  }
}
