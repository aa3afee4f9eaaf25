// SPDX-License-Identifier: Apache-2.0

/// The instruction set that an image is for.
///
/// An open set: numbers without a name are kept. The corresponding C constants are `EM_*`.
public struct Machine: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt16

  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// 32-bit x86. The corresponding C constant is `EM_386`.
  public static let i386 = Machine(rawValue: 3)
  /// MIPS. The corresponding C constant is `EM_MIPS`.
  public static let mips = Machine(rawValue: 8)
  /// 64-bit PowerPC. The corresponding C constant is `EM_PPC64`.
  public static let ppc64 = Machine(rawValue: 21)
  /// IBM S/390 and z/Architecture. The corresponding C constant is `EM_S390`.
  public static let s390 = Machine(rawValue: 22)
  /// 32-bit ARM. The corresponding C constant is `EM_ARM`.
  public static let arm = Machine(rawValue: 40)
  /// 64-bit x86, x32 included. The corresponding C constant is `EM_X86_64`.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public static let x86_64 = Machine(rawValue: 62)
  /// 64-bit ARM. The corresponding C constant is `EM_AARCH64`.
  public static let aarch64 = Machine(rawValue: 183)
  /// RISC-V, both widths. The corresponding C constant is `EM_RISCV`.
  public static let riscv = Machine(rawValue: 243)
  /// LoongArch, both widths. The corresponding C constant is `EM_LOONGARCH`.
  public static let loongarch = Machine(rawValue: 258)
}

extension Machine: CustomStringConvertible {
  public var description: String {
    switch self {
    case .i386: "i386"
    case .mips: "mips"
    case .ppc64: "ppc64"
    case .s390: "s390"
    case .arm: "arm"
    case .x86_64: "x86_64"
    case .aarch64: "aarch64"
    case .riscv: "riscv"
    case .loongarch: "loongarch"
    default: "machine \(rawValue)"
    }
  }
}
