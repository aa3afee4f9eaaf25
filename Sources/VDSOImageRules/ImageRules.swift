import CVDSO
import ELF

/// The rules of a code page, checked: by the build before an image is embedded, by the producer before it is mapped.
public enum ImageRules {
  /// Returns every rule that `bytes`, an ELF file, breaks; none where the image may be mapped.
  public static func violations(in bytes: [UInt8]) -> [ImageViolation] {
    var found: [ImageViolation] = []
    if bytes.count > Int(VDSO_PAGE_SIZE) {
      found.append(ImageViolation(.onePage, "\(bytes.count) bytes of \(VDSO_PAGE_SIZE)"))
    }
    do throws(ELFError) {
      let image = try ELFImage(bytes: bytes)
      found += checkIdentity(image.header)
      let headers = try image.programHeaders()
      found += checkSegments(headers)
      found += try checkDynamic(image.dynamicTable())
      found += try checkNote(image.notes())
      found += try checkSymbols(image.dynamicSymbols(), image.header, end: headers.first?.memorySize ?? 0)
    } catch {
      found.append(ImageViolation(.sharedObject, "\(error)"))
    }
    return found
  }

  private static func checkIdentity(_ header: ELFHeader) -> [ImageViolation] {
    guard header.type == .sharedObject, header.byteOrder == .littleEndian, header.osABI == 0 else {
      return [ImageViolation(.sharedObject, "type \(header.type.rawValue), OS ABI \(header.osABI)")]
    }
    return []
  }

  private static func checkSegments(_ headers: [ProgramHeader]) -> [ImageViolation] {
    var found: [ImageViolation] = []
    let loads = headers.filter { $0.type == .load }
    if loads.count != 1 || loads[0].flags != [.read, .execute] || loads[0].fileOffset != 0
      || loads[0].virtualAddress != 0 || loads[0].fileSize != loads[0].memorySize
    {
      found.append(ImageViolation(.oneSegment, "\(loads.count) PT_LOAD"))
    }
    let types = headers.map(\.type)
    for type in [SegmentType.dynamic, .note, .unwindTable, .stack] where !types.contains(type) {
      found.append(ImageViolation(.programHeaders, "type \(type.rawValue) is missing"))
    }
    for type in [SegmentType.interpreter, .threadLocalStorage, .readOnlyAfterRelocation] where types.contains(type) {
      found.append(ImageViolation(.programHeaders, "type \(type.rawValue) has no place in a page"))
    }
    if headers.contains(where: { $0.type == .stack && $0.flags.contains(.execute) }) {
      found.append(ImageViolation(.programHeaders, "PT_GNU_STACK asks for an executable stack"))
    }
    for header in headers where header.type != .stack && header.fileOffset != header.virtualAddress {
      found.append(ImageViolation(.offsetsAreAddresses, "type \(header.type.rawValue) at offset \(header.fileOffset)"))
    }
    return found
  }

  private static func checkDynamic(_ table: DynamicTable) -> [ImageViolation] {
    var found: [ImageViolation] = []
    if table[.hashTable] == nil || table[.gnuHashTable] == nil {
      found.append(ImageViolation(.bothHashTables, "one is missing"))
    }
    for tag in [DynamicTag.relocations, .relocationsWithAddends, .textRelocations] where table[tag] != nil {
      found.append(ImageViolation(.noRelocations, "tag \(tag.rawValue)"))
    }
    return found
  }

  private static func checkNote(_ notes: [Note]) -> [ImageViolation] {
    let place = (0..<4).map { UInt8(truncatingIfNeeded: Int(VDSO_HEADER_OFFSET) >> (8 * $0)) }
    let isThere = notes.contains { $0.name == "VDS" && $0.type == UInt32(VDSO_NOTE_HEADER) && $0.descriptor == place }
    return isThere ? [] : [ImageViolation(.headerNote, "\(notes.count) notes, none of them")]
  }
}
