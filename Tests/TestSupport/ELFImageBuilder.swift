// SPDX-License-Identifier: Apache-2.0

public import ELF

/// Builds small shared objects like a vDSO, in any class and byte order, and records the offset of each part.
public struct ELFImageBuilder {
  /// A symbol to define.
  public struct Symbol: Sendable {
    public var name: String
    public var value: UInt64
    public var size: UInt64 = 16
    /// The binding in the upper four bits and the type in the lower ones; a global function by default.
    public var info: UInt8 = 0x12
    public var section: UInt16 = 9
    /// An index into `versions`, or nil for the global version 1.
    public var version: Int? = 0
    public var isHidden = false

    public init(
      _ name: String, at value: UInt64, size: UInt64 = 16, info: UInt8 = 0x12, section: UInt16 = 9,
      version: Int? = 0, isHidden: Bool = false
    ) {
      self.name = name
      self.value = value
      self.size = size
      self.info = info
      self.section = section
      self.version = version
      self.isHidden = isHidden
    }
  }

  /// A note to attach.
  public struct Note: Sendable {
    public var name: String
    public var type: UInt32
    public var descriptor: [UInt8]

    public init(_ name: String, _ type: UInt32, _ descriptor: [UInt8]) {
      self.name = name
      self.type = type
      self.descriptor = descriptor
    }
  }

  public var variant: ELFVariant
  public var machine = Machine.x86_64
  public var type = ELFType.sharedObject
  /// The address at which the first segment is linked.
  public var baseAddress: UInt64 = 0
  public var soname: String? = "linux-vdso.so.1"
  public var versions = ["LINUX_2.6"]
  public var symbols: [Symbol] = [
    Symbol("__vdso_clock_gettime", at: 0x800), Symbol("clock_gettime", at: 0x800, info: 0x22),
    Symbol("__vdso_gettimeofday", at: 0x840), Symbol("__vdso_time", at: 0x880),
    Symbol("LINUX_2.6", at: 0, size: 0, info: 0x11, section: 0xfff1), Symbol("__vdso_getcpu", at: 0x8c0),
  ]
  public var hasHashTable = true
  public var hasGNUHashTable = true
  public var hasVersions = true
  public var interpreter: [UInt8]?
  public var notes = [Note("GNU", 3, Array(1...20))]
  /// The size of the image in bytes. The tables must fit.
  public var byteCount = 0x1000

  public init(_ variant: ELFVariant = .native) {
    self.variant = variant
  }

  /// Offsets of the parts in the image, for tests that damage them.
  public struct Offsets: Sendable {
    public var programHeaders = 0
    public var symbols = 0
    public var strings = 0
    public var stringsSize = 0
    public var hash = 0
    public var gnuHash = 0
    public var versionSymbols = 0
    public var versionDefinitions = 0
    public var dynamic = 0
    public var notes = 0
    public var notesSize = 0
    public var interpreter = 0
    /// The offset of each dynamic entry's value, by tag.
    public var dynamicValue: [Int64: Int] = [:]
  }

  /// Builds the image.
  public func build() -> BuiltImage {
    var writer = ByteWriter(variant)
    var offsets = Offsets()
    let strings = StringPool(self)
    let ordered = GNUHashLayout(self)
    writeHeader(&writer)
    offsets.programHeaders = writer.bytes.count
    let programHeadersEnd = offsets.programHeaders + programHeaderCount * (variant.is64 ? 56 : 32)
    writer.put(contentsOf: [UInt8](repeating: 0, count: programHeadersEnd - writer.bytes.count))
    writeTables(&writer, &offsets, ordered, strings)
    writeDynamic(&writer, &offsets, strings)
    let dynamicEnd = writer.bytes.count
    precondition(dynamicEnd <= byteCount, "the tables do not fit")
    writer.put(contentsOf: [UInt8](repeating: 0x90, count: byteCount - dynamicEnd))
    writeProgramHeaders(&writer, offsets, dynamicEnd)
    return BuiltImage(writer: writer, offsets: offsets)
  }

  var programHeaderCount: Int { 2 + (notes.isEmpty ? 0 : 1) + (interpreter == nil ? 0 : 1) }
}

/// An image that a test can damage at known offsets.
public struct BuiltImage {
  public var writer: ByteWriter
  public var offsets: ELFImageBuilder.Offsets

  public var bytes: [UInt8] { writer.bytes }
}
