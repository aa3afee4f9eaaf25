// What the processor says of itself, by CPUID.
//
// The pointers are to local variables, which live through the call.

import CLinux

enum Processor {
  /// The hypervisor's signature; nil without one, and on architectures that don't tell.
  static var hypervisor: String? {
    #if arch(x86_64)
      guard cpuid(1).c & 1 << 31 != 0 else { return nil }
      let signature = cpuid(0x4000_0000)
      let bytes = [signature.b, signature.c, signature.d].flatMap { word in
        (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
      }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    #else
      return nil
    #endif
  }

  /// Whether the cycle counter ticks at one rate in all power states; nil where the processor doesn't tell.
  static var hasInvariantCounter: Bool? {
    #if arch(x86_64)
      return linux_has_invariant_counter() != 0
    #elseif arch(arm64) || arch(riscv64)
      return true
    #else
      return nil
    #endif
  }

  #if arch(x86_64)
    private static func cpuid(_ leaf: UInt32) -> (a: UInt32, b: UInt32, c: UInt32, d: UInt32) {
      var (a, b, c, d): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
      unsafe linux_cpuid(leaf, 0, &a, &b, &c, &d)
      return (a, b, c, d)
    }
  #endif
}
