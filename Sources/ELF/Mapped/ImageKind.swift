/// What an image is for: enough to decide whether this program can use it.
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
