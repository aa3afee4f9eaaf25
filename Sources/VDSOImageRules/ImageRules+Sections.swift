// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  import ELF

  extension ImageRules {
    /// The fields of a section header that the rules need.
    private struct Section {
      var isWritable, isCode: Bool
      var range: Range<UInt64>
    }

    /// Checks the sections that are kept for debuggers. The linker script refuses writable data in all others.
    static func checkSections(_ header: ELFHeader, _ bytes: [UInt8], _ defined: [Symbol]) -> [ImageViolation] {
      guard let sections = sections(header, bytes) else {
        return [ImageViolation(.sharedObject, "the section headers lie outside the file")]
      }
      var found = sections.indices.filter { sections[$0].isWritable }
        .map { ImageViolation(.nothingWritable, "section \($0)") }
      for symbol in defined {
        guard case .index(let index) = symbol.section, index < sections.count, sections[Int(index)].isCode,
          sections[Int(index)].range.contains(symbol.value)
        else {
          found.append(ImageViolation(.symbolSections, "\(symbol.name) at \(symbol.value), \(symbol.section)"))
          continue
        }
      }
      return found
    }

    private static func sections(_ header: ELFHeader, _ bytes: [UInt8]) -> [Section]? {
      let (size, address, length) = header.elfClass == .bits32 ? (40, 12, 20) : (64, 16, 32)
      var sections: [Section] = []
      for index in 0..<Int(header.sectionHeaderCount) {
        let (start, overflow) = Int(clamping: header.sectionHeaderOffset).addingReportingOverflow(index * size)
        guard !overflow, let flags = littleEndianWord(bytes, at: start, offset: 8),
          let first = littleEndianWord(bytes, at: start, offset: address),
          let count = littleEndianWord(bytes, at: start, offset: length)
        else { return nil }
        sections.append(
          Section(
            isWritable: flags & 1 != 0,  // SHF_WRITE
            isCode: flags & 4 != 0,  // SHF_EXECINSTR
            range: UInt64(first)..<UInt64(first) + UInt64(count)))
      }
      return sections
    }
  }
#endif
