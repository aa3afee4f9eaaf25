// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  import ELF

  extension ImageRules {
    static func checkSegments(_ headers: [ProgramHeader]) -> [ImageViolation] {
      var found: [ImageViolation] = []
      let loads = headers.filter { $0.type == .load }
      if loads.count != 1 || loads[0].flags != [.read, .execute] || loads[0].fileOffset != 0
        || loads[0].virtualAddress != 0 || loads[0].fileSize != loads[0].memorySize
      {
        found.append(ImageViolation(.oneSegment, "\(loads.count) PT_LOAD"))
      }
      let types = headers.map(\.type)
      let needed: [SegmentType] = [.dynamic, .note, .unwindTable, .stack]
      for type in needed where types.count(where: { $0 == type }) != 1 {
        found.append(
          ImageViolation(.programHeaders, "\(types.count { $0 == type }) of type \(hexadecimal(type.rawValue))"))
      }
      for type in types where type != .load && !needed.contains(type) {
        found.append(ImageViolation(.programHeaders, "type \(hexadecimal(type.rawValue)) is not allowed in a page"))
      }
      for header in headers where header.type == .stack && header.flags.contains(.execute) {
        found.append(ImageViolation(.plainStack, "PT_GNU_STACK asks for an executable stack"))
      }
      for header in headers where header.type != .stack && header.fileOffset != header.virtualAddress {
        found.append(
          ImageViolation(
            .offsetsAreAddresses,
            "type \(hexadecimal(header.type.rawValue)) at offset \(header.fileOffset), address \(header.virtualAddress)"
          ))
      }
      return found
    }

    /// The 32-bit word `offset` bytes after `start`, or nil if the bytes end before.
    static func littleEndianWord(_ bytes: [UInt8], at start: Int, offset: Int = 0) -> UInt32? {
      let (place, overflow) = start.addingReportingOverflow(offset)
      guard !overflow, place >= 0, place <= bytes.count - 4 else { return nil }
      return bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }
#endif
