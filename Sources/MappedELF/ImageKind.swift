// SPDX-License-Identifier: Apache-2.0

/// The width of addresses and sizes in an image. The corresponding C constants are `ELFCLASS32` and `ELFCLASS64`.
public enum ELFClass: UInt8, Hashable, Sendable {
  case bits32 = 1
  case bits64 = 2
}

/// The order of the bytes in an image's words. The corresponding C constants are `ELFDATA2LSB` and `ELFDATA2MSB`.
public enum ByteOrder: UInt8, Hashable, Sendable {
  case littleEndian = 1
  case bigEndian = 2
}

/// The type of an image. The corresponding C constants are `ET_*`.
public struct ELFType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt16

  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// An object that has not been linked. The corresponding C constant is `ET_REL`.
  public static let relocatable = ELFType(rawValue: 1)
  /// A program at fixed addresses. The corresponding C constant is `ET_EXEC`.
  public static let executable = ELFType(rawValue: 2)
  /// A shared object or position-independent program. The corresponding C constant is `ET_DYN`.
  public static let sharedObject = ELFType(rawValue: 3)
  /// A core file. The corresponding C constant is `ET_CORE`.
  public static let core = ELFType(rawValue: 4)
}

/// The properties of an image that decide whether this program can use it.
public struct ImageKind: Hashable, Sendable {
  public var elfClass: ELFClass
  public var byteOrder: ByteOrder
  public var type: ELFType
  public var machine: Machine

  public init(elfClass: ELFClass, byteOrder: ByteOrder, type: ELFType, machine: Machine) {
    (self.elfClass, self.byteOrder, self.type, self.machine) = (elfClass, byteOrder, type, machine)
  }
}

extension MappedObject {
  static func kind(of bytes: MappedBytes) throws(ELFError) -> ImageKind {
    try bytes.checkIdentification()
    guard let elfClass = ELFClass(rawValue: bytes.load(UInt8.self, at: 4) ?? 0),
      let byteOrder = ByteOrder(rawValue: bytes.load(UInt8.self, at: 5) ?? 0),
      let type = bytes.load(UInt16.self, at: 16), let machine = bytes.load(UInt16.self, at: 18)
    else { throw .notELF }
    let isNative = byteOrder == .native
    return ImageKind(
      elfClass: elfClass, byteOrder: byteOrder, type: ELFType(rawValue: isNative ? type : type.byteSwapped),
      machine: Machine(rawValue: isNative ? machine : machine.byteSwapped))
  }
}
