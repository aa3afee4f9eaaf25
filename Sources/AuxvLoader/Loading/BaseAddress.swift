/// Where relocatable programs go: the part of the address space that Linux gives them, away from libraries and stack,
/// with room for the break to grow. The corresponding kernel constant is `ELF_ET_DYN_BASE`.
struct BaseAddress {
  /// Two thirds of the address space of x86_64.
  static let lowest: UInt64 = 0x5555_5555_4000
  /// 28 bits of pages, the default of /proc/sys/vm/mmap_rnd_bits.
  static let randomPages: UInt64 = 1 << 28

  /// Whether addresses are drawn at random. Without it they repeat from run to run.
  var isRandom: Bool

  /// Addresses to try in turn: each may be in use by this process's own code.
  func candidates(alignment: UInt64) -> [UInt64] {
    (0..<16).map { attempt in
      let offset = isRandom ? UInt64.random(in: 0..<Self.randomPages) * 4096 : UInt64(attempt) * (64 << 20)
      return (Self.lowest + offset).roundedUp(to: alignment)
    }
  }
}
