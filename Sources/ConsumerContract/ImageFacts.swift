// SPDX-License-Identifier: Apache-2.0

import ELF
import VDSOResolver

/// The facts that the rules check, read once.
struct ImageFacts {
  let header: ELFHeader
  let segments: [ProgramHeader]
  let dynamic: DynamicTable
  let symbols: DynamicSymbols
  let defined: [Symbol]
  /// The architecture's names, or nil for one that has no vDSO.
  let catalog: VDSOCatalog?
  /// The bytes of the executable segments.
  let code: [[UInt8]]
  /// The unwind table's index, empty if there is none.
  let unwindTable: [UInt8]
  let byteCount: UInt64
  /// For each hash table of the image, the defined symbols that can't be found by it.
  let unreachable: [(table: String, names: [String])]
  private let object: SharedObject

  init(_ image: borrowing ELFImage) throws(ELFError) {
    header = image.header
    byteCount = image.byteCount
    segments = try image.programHeaders()
    dynamic = try image.dynamicTable()
    symbols = try image.dynamicSymbols()
    defined = try symbols.defined()
    catalog = VDSOCatalog.entry(machine: header.machine, elfClass: header.elfClass)
    object = try SharedObject(image)
    var code: [[UInt8]] = []
    for segment in segments where segment.type == .load && segment.flags.contains(.execute) {
      code.append(try Self.bytes(of: segment, base: object.baseAddress, in: image))
    }
    self.code = code
    let index = segments.first { $0.type == .unwindTable }
    unwindTable = if let index { try Self.bytes(of: index, base: object.baseAddress, in: image) } else { [] }
    unreachable = try Self.unreachable(defined, dynamic, in: image)
  }

  /// How a call of the function is resolved with this image.
  func resolution(of function: VDSOFunction) -> Resolution {
    do throws(TrapReason) {
      return try VDSOImage(object, mappedAt: 0).resolve(function)
    } catch {
      return .trap(error)
    }
  }

  private static func bytes(
    of segment: ProgramHeader, base: UInt64, in image: borrowing ELFImage
  ) throws(ELFError) -> [UInt8] {
    let offset = image.layout == .file ? segment.fileOffset : segment.virtualAddress &- base
    return try image.bytes(at: offset, count: segment.fileSize)
  }

  private static func unreachable(
    _ defined: [Symbol], _ dynamic: DynamicTable, in image: borrowing ELFImage
  ) throws(ELFError) -> [(table: String, names: [String])] {
    var unreachable: [(table: String, names: [String])] = []
    for (tag, lookup) in [(DynamicTag.hashTable, DynamicSymbols.Lookup.hash), (.gnuHashTable, .gnuHash)]
    where dynamic[tag] != nil {
      let symbols = try image.dynamicSymbols(lookup: lookup)
      var names: [String] = []
      for symbol in defined where symbol.binding != .local {
        if try symbols.symbol(named: symbol.name, version: symbol.version) == nil { names.append(symbol.name) }
      }
      if !names.isEmpty { unreachable.append((tag == .hashTable ? "DT_HASH" : "DT_GNU_HASH", names)) }
    }
    return unreachable
  }
}
