// SPDX-License-Identifier: Apache-2.0

public import ELF

/// The part of a program's first bytes that execve looks at. The machine alone decides about the format; execve ignores the identification
/// bytes behind the magic number. The corresponding C structures are `Elf32_Ehdr` and `Elf64_Ehdr`.
public struct ProgramFileHeader: Hashable, Sendable {
  public var machine: Machine
  public var type: ELFType
  /// The entry point as linked, `e_entry`.
  public var entry: UInt64
  /// Where the program header table starts in the file, `e_phoff`.
  public var programHeaderOffset: UInt64
  /// The size of one program header in bytes, `e_phentsize`.
  public var programHeaderEntrySize: UInt16
  /// How many program headers there are, `e_phnum`.
  public var programHeaderCount: UInt16

  /// The class of the header and of the table, which the machine determines.
  public var width: ELFClass { Self.width(of: machine) }

  /// The size of the header in bytes.
  var size: Int { width == .bits64 ? 64 : 52 }

  /// The size that a program header must have.
  var expectedEntrySize: Int { width == .bits64 ? 56 : 32 }

  /// Reads the first bytes of a file. Bytes that a short file lacks count as zeros, as in the kernel's buffer.
  public init(prefix: [UInt8]) {
    let bytes = Array(prefix.prefix(64)) + [UInt8](repeating: 0, count: max(0, 64 - prefix.count))
    machine = Machine(rawValue: bytes.word(at: 18))
    type = ELFType(rawValue: bytes.word(at: 16))
    if Self.width(of: machine) == .bits64 {
      entry = bytes.word(at: 24)
      programHeaderOffset = bytes.word(at: 32)
      programHeaderEntrySize = bytes.word(at: 54)
      programHeaderCount = bytes.word(at: 56)
    } else {
      entry = UInt64(bytes.word(at: 24) as UInt32)
      programHeaderOffset = UInt64(bytes.word(at: 28) as UInt32)
      programHeaderEntrySize = bytes.word(at: 42)
      programHeaderCount = bytes.word(at: 44)
    }
  }

  /// The program headers in `bytes`; an incomplete one at the end is left out.
  public func table(_ bytes: [UInt8]) -> [ProgramHeader] {
    (0..<bytes.count / expectedEntrySize).map { index in
      let start = index * expectedEntrySize
      return width == .bits64 ? Self.entry64(bytes, start) : Self.entry32(bytes, start)
    }
  }

  private static func width(of machine: Machine) -> ELFClass {
    machine.isI386 ? .bits32 : .bits64
  }

  private static func entry64(_ bytes: [UInt8], _ start: Int) -> ProgramHeader {
    ProgramHeader(
      type: SegmentType(rawValue: bytes.word(at: start)), flags: SegmentFlags(rawValue: bytes.word(at: start + 4)),
      fileOffset: bytes.word(at: start + 8), virtualAddress: bytes.word(at: start + 16),
      fileSize: bytes.word(at: start + 32), memorySize: bytes.word(at: start + 40),
      alignment: bytes.word(at: start + 48))
  }

  private static func entry32(_ bytes: [UInt8], _ start: Int) -> ProgramHeader {
    func word(_ offset: Int) -> UInt64 { UInt64(bytes.word(at: start + offset) as UInt32) }
    return ProgramHeader(
      type: SegmentType(rawValue: bytes.word(at: start)), flags: SegmentFlags(rawValue: bytes.word(at: start + 24)),
      fileOffset: word(4), virtualAddress: word(8), fileSize: word(16), memorySize: word(20), alignment: word(28))
  }
}

extension Machine {
  /// Whether the kernel runs it as a 32-bit x86 program. The corresponding C constants are `EM_386` and `EM_486`.
  var isI386: Bool { self == .i386 || rawValue == 6 }
}

extension [UInt8] {
  /// The little-endian word at `offset`, which must lie inside.
  fileprivate func word<T: FixedWidthInteger & UnsignedInteger>(at offset: Int) -> T {
    ByteOrder.littleEndian.word(T.self, in: self, at: offset) ?? 0
  }
}
