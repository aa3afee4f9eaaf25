// SPDX-License-Identifier: Apache-2.0

import CVDSO
public import VDSOImages

/// A function that a page can offer: an index into the Mach header, and the number of an entry slot.
///
/// The corresponding C type is `vdso_symbol_type_t`.
public struct SymbolType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The corresponding C constant is `VDSO_SYM_GETTIMEOFDAY`.
  public static let gettimeofday = SymbolType(rawValue: 0)
  /// The corresponding C constant is `VDSO_SYM_CLOCK_GETTIME`.
  public static let clockGettime = SymbolType(rawValue: 1)
  /// The corresponding C constant is `VDSO_SYM_TIME`.
  public static let time = SymbolType(rawValue: 2)
  /// The corresponding C constant is `VDSO_SYM_GETPID`.
  public static let getpid = SymbolType(rawValue: 3)

  /// The names of the symbols that this version of the page knows, by number.
  public static let names = [
    "gettimeofday", "clock_gettime", "time", "getpid", "clock_getres", "clock_gettime64", "getcpu", "getrandom",
    "getuid", "geteuid", "getgid", "getegid", "getppid",
  ]

  /// The symbol's name without an architecture's prefix, or nil for a number without one.
  public var name: String? {
    rawValue < Self.names.count ? Self.names[Int(rawValue)] : nil
  }

  /// Returns the offset in the code page of the symbol's entry slot. The corresponding C macros are
  /// `VDSO_SLOT_OFFSET_I386` and `VDSO_SLOT_OFFSET_64`.
  public func slotOffset(on architecture: VDSOImages.Architecture) -> Int {
    let number = Int(rawValue)
    guard architecture == .i386 else { return Int(VDSO_SLOTS_64) + Int(VDSO_SLOT_SIZE) * number }
    return number < 4
      ? Int(VDSO_SLOTS_I386) * (number + 1) : Int(VDSO_SLOTS_I386_MORE) + Int(VDSO_SLOT_SIZE) * (number - 4)
  }
}

extension VDSOImages.Architecture {
  /// Linux's prefix of the names of this architecture's vDSO functions.
  public var symbolPrefix: String { self == .aarch64 ? "__kernel_" : "__vdso_" }

  /// The offset of the host's entry points in the code page.
  var hostOffset: Int { Int(self == .i386 ? VDSO_HOST_OFFSET_I386 : VDSO_HOST_OFFSET_64) }
}
