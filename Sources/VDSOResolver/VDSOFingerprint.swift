// SPDX-License-Identifier: Apache-2.0

public import ELF

/// A fingerprint of a vDSO image, which shows whether it has changed after a checkpoint or migration.
public struct VDSOFingerprint: Hashable, Sendable {
  /// The image's build identifier, or nil if it has none.
  public var buildID: [UInt8]?
  /// A hash (FNV-1a, 64 bits) of the architecture and of every symbol's name, version, address and size.
  public var symbols: UInt64
}

extension VDSOImage {
  /// The image's fingerprint, which is equal for two mappings of the same image. Throws if the symbols are damaged.
  public func fingerprint() throws(ELFError) -> VDSOFingerprint {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    func mix(_ word: UInt64) { for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(word >> shift & 0xff)) } }
    func mix(_ text: String) {
      for byte in text.utf8 { mix(byte) }
      mix(UInt8(0))
    }
    mix(UInt64(object.header.machine.rawValue) << 8 | UInt64(object.header.elfClass.rawValue))
    for symbol in try object.symbols.defined() {
      mix(symbol.name)
      mix(symbol.version ?? "")
      mix(symbol.value)
      mix(symbol.size)
    }
    return VDSOFingerprint(buildID: object.buildID, symbols: hash)
  }
}
