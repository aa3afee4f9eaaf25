// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  import CVDSO
  import ELF

  extension ImageRules {
    /// The most bytes that tools overwrite when they replace a function.
    private static let replacementSize: UInt64 = 16
    /// The most bytes that CRIU reads from the start of a name.
    private static let nameRoom: UInt64 = 31

    static func checkSymbols(
      _ symbols: DynamicSymbols, _ image: borrowing ELFImage
    ) throws(ELFError) -> [ImageViolation] {
      let defined = try symbols.defined()
      var found = checkNames(defined, image.header)
      if defined.count != symbols.count - 1 {
        found.append(ImageViolation(.nothingUndefined, "\(symbols.count - 1 - defined.count) symbols"))
      }
      let header = image.header
      let start = header.programHeaderOffset + UInt64(header.programHeaderCount) * UInt64(header.programHeaderEntrySize)
      let end = try image.programHeaders().first { $0.type == .load }?.memorySize ?? 0
      for symbol in defined { found += checkFunction(symbol, start: start, end: end) }
      let table = try image.dynamicTable()
      let stringsEnd = (table[.strings] ?? 0) &+ (table[.stringsSize] ?? 0)
      if stringsEnd > UInt64(VDSO_PAGE_SIZE) - nameRoom {
        found.append(ImageViolation(.roomForNames, "the strings end at \(stringsEnd)"))
      }
      return found
    }

    private static func checkNames(_ defined: [Symbol], _ header: ELFHeader) -> [ImageViolation] {
      var found: [ImageViolation] = []
      var expected = exports(of: header.machine)
      for symbol in defined {
        let version = expected.removeValue(forKey: symbol.name)
        if version == nil || version != symbol.version {
          found.append(ImageViolation(.names, "\(symbol.name) at version \(symbol.version ?? "none")"))
        }
        if symbol.name == "__kernel_vsyscall", symbol.value != header.entry {
          found.append(ImageViolation(.entryPoint, "\(header.entry), not \(symbol.name) at \(symbol.value)"))
        }
      }
      for name in expected.keys.sorted() {
        found.append(ImageViolation(.names, "\(name) is missing"))
      }
      return found
    }

    private static func checkFunction(_ symbol: Symbol, start: UInt64, end: UInt64) -> [ImageViolation] {
      func violation(_ rule: ImageRule) -> ImageViolation {
        ImageViolation(rule, "\(symbol.name) at \(symbol.value), \(symbol.size) bytes, type \(symbol.type.rawValue)")
      }
      var found: [ImageViolation] = []
      if symbol.type != .function || symbol.binding == .local { found.append(violation(.functions)) }
      if symbol.size < replacementSize { found.append(violation(.functionSizes)) }
      if symbol.value % replacementSize != 0 { found.append(violation(.functionAlignment)) }
      if symbol.value < start || symbol.value > end || symbol.size > end - symbol.value || symbol.section == .absolute {
        found.append(violation(.functionPlaces))
      }
      return found
    }
  }
#endif
