// SPDX-License-Identifier: Apache-2.0

public import ELF

/// The names of the bits in `AT_HWCAP` and its continuations, for one architecture.
///
/// Names are those of `/proc/cpuinfo` of Linux 6.18. Bits that have no name there have none here.
public struct HardwareCapabilities: Sendable {
  /// The names by bit of `AT_HWCAP`, `AT_HWCAP2`, `AT_HWCAP3`: empty if a bit has none.
  private let words: [(key: AuxvKey, names: StaticString)]

  /// The tables of an architecture, or nil for one without: i386, x86_64, AArch64 and RISC-V have them.
  public init?(machine: Machine) {
    switch machine {
    case .i386, .x86_64: words = [(.hardwareCapabilities, Self.x86), (.hardwareCapabilities2, Self.x86Second)]
    case .aarch64:
      words = [
        (.hardwareCapabilities, Self.aarch64), (.hardwareCapabilities2, Self.aarch64Second),
        (.hardwareCapabilities3, Self.aarch64Third),
      ]
    case .riscv: words = [(.hardwareCapabilities, Self.riscv)]
    default: return nil
    }
  }

  /// The names of the bits set in a value of `key`, lowest bit first; `bit 40` for one without a name.
  public func names(of key: AuxvKey, _ value: UInt64) -> [String] {
    let table = words.first { $0.key == key }.map { "\($0.names)" } ?? ""
    let names = table.utf8.split(separator: 0x20).map { String(decoding: Array($0), as: UTF8.self) }
    return (0..<64).filter { value >> UInt64($0) & 1 == 1 }.map { bit in
      bit < names.count && names[bit].utf8.first != 0x2d ? names[bit] : "bit \(bit)"
    }
  }
}
