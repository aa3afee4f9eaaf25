// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELFEditing
import VDSOImageRules
public import VDSOImages

/// A code page: an image with its Mach header filled in, and the host's entry points for one task.
public struct CodePage: Sendable {
  public let architecture: VDSOImages.Architecture
  public let flavor: VDSOImages.Flavor
  /// The page, VDSO_PAGE_SIZE bytes.
  public internal(set) var bytes: [UInt8]

  /// Takes the image for `architecture` and fills in its Mach header; nil if there is no image in `flavor`.
  ///
  /// Each symbol that has an entry slot gets an entry in the table. Its name is the end, without the prefix, of the name in the image's
  /// string table, so names take no space of their own.
  public init?(architecture: VDSOImages.Architecture, flavor: VDSOImages.Flavor = .linux) {
    guard let page = VDSOImages.page(for: architecture, flavor: flavor) else { return nil }
    self.architecture = architecture
    self.flavor = flavor
    bytes = page
    fillHeader()
  }

  /// Writes the addresses of the host's functions. They differ between processes, so call it for each task.
  public mutating func setHostEntryPoints(_ host: HostEntryPoints) {
    for (index, word) in host.words.enumerated() {
      bytes[architecture.hostOffset + 8 * index, 8] = Int(truncatingIfNeeded: word)
    }
  }

  /// The size of the ELF file in the page; the rest is padding.
  public var fileSize: Int {
    let layout = ELFLayout(bytes)
    let sections =
      bytes[layout.sectionsField, layout.wordSize] + bytes[layout.sectionCountField, 2] * layout.sectionSize
    let segment = layout.segmentSizeFields(layout.programHeader(.load, in: bytes))[0]
    return max(sections, bytes[segment, layout.wordSize])
  }

  /// The rules that the page's image breaks. The build has checked the same rules; this checks them again before the image is mapped.
  ///
  /// The launcher, which is Embedded Swift, doesn't check them again: its image was checked by its own build.
  var violations: [ImageViolation] {
    #if hasFeature(Embedded)
      []
    #else
      ImageRules.violations(in: Array(bytes.prefix(fileSize)), traps: flavor == .linux)
    #endif
  }

  /// The number of bytes up to the last one that isn't zero. Gaps between the parts of the image count, so `demo-loader image` shows less.
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

  /// The offset of the Mach header's entry for a symbol, whose number is below VDSO_MAX_SYMBOLS.
  func entryOffset(_ symbol: SymbolType) -> Int {
    Int(VDSO_HEADER_OFFSET) + 16 + 12 * Int(symbol.rawValue)
  }

  /// For each name of a dynamic symbol that begins with Linux's prefix, the offset behind that prefix.
  private var prefixedStrings: [Int] {
    let (prefix, layout) = (Array(architecture.symbolPrefix.utf8), ELFLayout(bytes))
    let first = bytes[layout.dynamicField(.strings, in: bytes), layout.wordSize]
    let end = first + bytes[layout.dynamicField(.stringsSize, in: bytes), layout.wordSize]
    return (first + 1..<end - prefix.count).filter { start in
      bytes[start] == prefix[0] && bytes[start - 1] == 0 && bytes[start..<start + prefix.count].elementsEqual(prefix)
    }.map { $0 + prefix.count }
  }

  /// Whether `string` and a null are stored at `offset`.
  private func isString(_ string: String, at offset: Int) -> Bool {
    bytes[offset...].starts(with: string.utf8) && bytes[offset + string.utf8.count] == 0
  }
}
