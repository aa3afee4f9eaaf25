// SPDX-License-Identifier: Apache-2.0

public import MappedELF

/// A function that a vDSO may serve in place of a system call.
public enum VDSOFunction: UInt8, CaseIterable, Hashable, Sendable {
  case clockGettime
  case clockGettime64
  case gettimeofday
  case time
  case clockGetres
  case clockGetres64
  case getcpu
  case getrandom
  case getpid
  case getppid
  case getuid
  case geteuid
  case getgid
  case getegid

  /// The name of the system call.
  public var name: String {
    String(decoding: Array("\(vdsoName.text)".utf8.dropFirst(7)), as: UTF8.self)
  }

  /// The function that replaces the system call of this name, or nil.
  public init?(name: String) {
    guard let function = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = function
  }

  /// The function that reads clocks with 64-bit seconds in this program; calls use it where a 32-bit vDSO has it.
  @inlinable static var wideClockGettime: VDSOFunction {
    #if _pointerBitWidth(_64)
      .clockGettime
    #else
      .clockGettime64
    #endif
  }

  /// The same for the resolutions of clocks.
  @inlinable static var wideClockGetres: VDSOFunction {
    #if _pointerBitWidth(_64)
      .clockGetres
    #else
      .clockGetres64
    #endif
  }

  /// Its bit in a set of functions.
  var bit: UInt16 { 1 << UInt16(rawValue) }

  /// Whether its result belongs to the process. No Linux kernel serves these functions; this project's pages do.
  public var isIdentity: Bool { rawValue >= Self.getpid.rawValue }
}

/// The prefix of the names of an architecture's functions.
public enum VDSOPrefix: Hashable, Sendable {
  /// `__vdso_`
  case vdso
  /// `__kernel_`
  case kernel
}

extension VDSOFunction {
  /// The function's symbol on architectures with the given prefix.
  public func symbolName(_ prefix: VDSOPrefix) -> StaticString { symbol(prefix).text }

  /// The same with the name's hash.
  public func symbol(_ prefix: VDSOPrefix) -> SymbolName {
    prefix == .vdso ? vdsoName : kernelName
  }

  private var vdsoName: SymbolName {
    switch self {
    case .clockGettime: SymbolName("__vdso_clock_gettime", gnuHash: 0x6e43_a318)
    case .clockGettime64: SymbolName("__vdso_clock_gettime64", gnuHash: 0x0db8_d042)
    case .gettimeofday: SymbolName("__vdso_gettimeofday", gnuHash: 0xb01b_ca00)
    case .time: SymbolName("__vdso_time", gnuHash: 0x821e_8e0d)
    case .clockGetres: SymbolName("__vdso_clock_getres", gnuHash: 0x6830_8f53)
    case .clockGetres64: SymbolName("__vdso_clock_getres_time64", gnuHash: 0x588e_2f8b)
    case .getcpu: SymbolName("__vdso_getcpu", gnuHash: 0x6562_b026)
    case .getrandom: SymbolName("__vdso_getrandom", gnuHash: 0x84a5_59bf)
    case .getpid: SymbolName("__vdso_getpid", gnuHash: 0x6562_e67b)
    case .getppid: SymbolName("__vdso_getppid", gnuHash: 0x11bf_d4ab)
    case .getuid: SymbolName("__vdso_getuid", gnuHash: 0x6562_fbc0)
    case .geteuid: SymbolName("__vdso_geteuid", gnuHash: 0x11b9_e1c5)
    case .getgid: SymbolName("__vdso_getgid", gnuHash: 0x6562_c032)
    case .getegid: SymbolName("__vdso_getegid", gnuHash: 0x11b9_a637)
    }
  }

  private var kernelName: SymbolName {
    switch self {
    case .clockGettime: SymbolName("__kernel_clock_gettime", gnuHash: 0xdfa9_41fd)
    case .clockGettime64: SymbolName("__kernel_clock_gettime64", gnuHash: 0x6f01_bc67)
    case .gettimeofday: SymbolName("__kernel_gettimeofday", gnuHash: 0x2026_a045)
    case .time: SymbolName("__kernel_time", gnuHash: 0x26cd_ef52)
    case .clockGetres: SymbolName("__kernel_clock_getres", gnuHash: 0xd83b_6598)
    case .clockGetres64: SymbolName("__kernel_clock_getres_time64", gnuHash: 0xcf0a_a630)
    case .getcpu: SymbolName("__kernel_getcpu", gnuHash: 0xf36f_76ab)
    case .getrandom: SymbolName("__kernel_getrandom", gnuHash: 0x540d_4e24)
    case .getpid: SymbolName("__kernel_getpid", gnuHash: 0xf36f_ad00)
    case .getppid: SymbolName("__kernel_getppid", gnuHash: 0x6165_6bd0)
    case .getuid: SymbolName("__kernel_getuid", gnuHash: 0xf36f_c245)
    case .geteuid: SymbolName("__kernel_geteuid", gnuHash: 0x615f_78ea)
    case .getgid: SymbolName("__kernel_getgid", gnuHash: 0xf36f_86b7)
    case .getegid: SymbolName("__kernel_getegid", gnuHash: 0x615f_3d5c)
    }
  }
}
