// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELFEditing
import VDSOImageRules
public import VDSOImages

/// A code page in the making: an image with its Mach header filled in and the host's entry points of one task.
public struct CodePage: Sendable {
  public let architecture: VDSOImages.Architecture
  public let flavor: VDSOImages.Flavor
  /// The page, VDSO_PAGE_SIZE bytes.
  public internal(set) var bytes: [UInt8]

  /// Takes the image for `architecture` and fills in its Mach header; nil if there is no image in `flavor`.
  ///
  /// Each symbol that has an entry slot gets its table entry: the name is the unprefixed end of the one in the image's
  /// string table, so the table takes no space of its own.
  public init?(architecture: VDSOImages.Architecture, flavor: VDSOImages.Flavor = .linux) {
    guard let page = VDSOImages.page(for: architecture, flavor: flavor) else { return nil }
    self.architecture = architecture
    self.flavor = flavor
    bytes = page
    fillHeader()
  }

  /// Writes the addresses of the host's functions. They differ between processes: do it for each task.
  public mutating func setHostEntryPoints(_ host: HostEntryPoints) {
    for (index, word) in host.words.enumerated() {
      bytes[architecture.hostOffset + 8 * index, 8] = Int(truncatingIfNeeded: word)
    }
  }

  /// How many bytes the ELF file in the page has: the rest is padding.
  public var fileSize: Int {
    let layout = ELFLayout(bytes)
    let sections =
      bytes[layout.sectionsField, layout.wordSize] + bytes[layout.sectionCountField, 2] * layout.sectionSize
    let segment = layout.segmentSizeFields(layout.programHeader(.load, in: bytes))[0]
    return max(sections, bytes[segment, layout.wordSize])
  }

  /// The rules that the page's image breaks: those that the build has checked, checked again before it is mapped.
  ///
  /// The command that starts programs, Embedded Swift, carries an image that its own build has checked, and takes it as it is.
  var violations: [ImageViolation] {
    #if hasFeature(Embedded)
      []
    #else
      ImageRules.violations(in: Array(bytes.prefix(fileSize)), traps: flavor == .linux)
    #endif
  }

  /// How many bytes of the page are in use: those of the image that aren't zero padding, and the filled tables.
  public var usedByteCount: Int {
    bytes.count - (bytes.reversed().firstIndex { $0 != 0 } ?? bytes.count)
  }

  /// The symbols that the Mach header lists as available.
  public var availableSymbols: [SymbolType] {
    (0..<UInt32(VDSO_MAX_SYMBOLS)).map(SymbolType.init).filter { bytes[entryOffset($0) + 8, 4] == 1 }
  }

  /// The name that the Mach header gives a symbol, or nil if it is not available.
  public func name(of symbol: SymbolType) -> String? {
    guard availableSymbols.contains(symbol) else { return nil }
    return String(decoding: bytes[bytes[entryOffset(symbol), 4]...].prefix { $0 != 0 }, as: UTF8.self)
  }

  private mutating func fillHeader() {
    let names = prefixedStrings
    for number in 0..<UInt32(VDSO_SYM_COUNT.rawValue) {
      let symbol = SymbolType(rawValue: number)
      let slot = symbol.slotOffset(on: architecture)
      guard let name = symbol.name, bytes[slot..<slot + 4].contains(where: { $0 != 0 }),
        let nameOffset = names.first(where: { isString(name, at: $0) })
      else { continue }
      setEntry(symbol, name: nameOffset, slot: slot)
    }
    bytes[Int(VDSO_HEADER_OFFSET), 4] = Int(VDSO_MAGIC)
    bytes[Int(VDSO_HEADER_OFFSET) + 4, 4] = Int(VDSO_VERSION)
    bytes[Int(VDSO_HEADER_OFFSET) + 8, 4] = availableSymbols.count
  }

  mutating func setEntry(_ symbol: SymbolType, name: Int, slot: Int) {
    bytes[entryOffset(symbol), 4] = name
    bytes[entryOffset(symbol) + 4, 4] = slot
    bytes[entryOffset(symbol) + 8, 4] = 1
  }

  /// Where the Mach header has the entry of a symbol, whose number is below VDSO_MAX_SYMBOLS.
  func entryOffset(_ symbol: SymbolType) -> Int {
    Int(VDSO_HEADER_OFFSET) + 16 + 12 * Int(symbol.rawValue)
  }

  /// Where strings go on that begin, after a null, with what Linux puts before its names.
  private var prefixedStrings: [Int] {
    let prefix = Array(architecture.symbolPrefix.utf8)
    return (1..<bytes.count - prefix.count).filter { start in
      bytes[start] == prefix[0] && bytes[start - 1] == 0 && bytes[start..<start + prefix.count].elementsEqual(prefix)
    }.map { $0 + prefix.count }
  }

  /// Whether `string` and a null are at `offset`.
  private func isString(_ string: String, at offset: Int) -> Bool {
    bytes[offset...].starts(with: string.utf8) && bytes[offset + string.utf8.count] == 0
  }
}
