import CVDSO
import VDSOImageRules
public import VDSOImages

/// A code page in the making: an image with its Mach header filled in and the host's entry points of one task.
public struct CodePage: Sendable {
  public let architecture: VDSOImages.Architecture
  public let flavour: VDSOImages.Flavour
  /// The page, VDSO_PAGE_SIZE bytes.
  public private(set) var bytes: [UInt8]

  /// Takes the image for `architecture` and fills in its Mach header; nil where there is no image in `flavour`.
  ///
  /// Each symbol that has an entry slot gets its table entry: the name is the unprefixed end of the one in the image's
  /// string table, so the table takes no room of its own.
  public init?(architecture: VDSOImages.Architecture, flavour: VDSOImages.Flavour = .linux) {
    guard let page = VDSOImages.page(for: architecture, flavour: flavour) else { return nil }
    self.architecture = architecture
    self.flavour = flavour
    bytes = page
    fillHeader()
  }

  /// Writes the addresses of the host's functions. They differ between processes: do it for each task.
  public mutating func setHostEntryPoints(_ host: HostEntryPoints) {
    for (index, word) in host.words.enumerated() {
      store(UInt32(truncatingIfNeeded: word), at: architecture.hostOffset + 8 * index)
      store(UInt32(truncatingIfNeeded: word >> 32), at: architecture.hostOffset + 8 * index + 4)
    }
  }

  /// The rules that the page's image breaks: those that the build has checked, checked again before it is mapped.
  var violations: [ImageViolation] {
    ImageRules.violations(in: Array(bytes.prefix(VDSOImages.fileSize(for: architecture, flavour: flavour) ?? 0)))
  }

  /// How many bytes of the page are in use: those of the image that aren't zero padding, and the filled tables.
  public var usedByteCount: Int {
    bytes.count - (bytes.reversed().firstIndex { $0 != 0 } ?? bytes.count)
  }

  /// The symbols that the Mach header lists as available.
  public var availableSymbols: [SymbolType] {
    (0..<UInt32(VDSO_MAX_SYMBOLS)).map(SymbolType.init).filter { load(at: entryOffset($0) + 8) == 1 }
  }

  private mutating func fillHeader() {
    var count: UInt32 = 0
    let names = prefixedStrings
    for number in 0..<UInt32(VDSO_SYM_COUNT.rawValue) {
      let symbol = SymbolType(rawValue: number)
      let slot = symbol.slotOffset(on: architecture)
      guard let name = symbol.name, bytes[slot..<slot + 4].contains(where: { $0 != 0 }),
        let nameOffset = names.first(where: { isString(name, at: $0) })
      else { continue }
      store(UInt32(nameOffset), at: entryOffset(symbol))
      store(UInt32(slot), at: entryOffset(symbol) + 4)
      store(1, at: entryOffset(symbol) + 8)
      count += 1
    }
    store(UInt32(VDSO_MAGIC), at: Int(VDSO_HEADER_OFFSET))
    store(UInt32(VDSO_VERSION), at: Int(VDSO_HEADER_OFFSET) + 4)
    store(count, at: Int(VDSO_HEADER_OFFSET) + 8)
  }

  private func entryOffset(_ symbol: SymbolType) -> Int {
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

  private func load(at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private mutating func store(_ value: UInt32, at offset: Int) {
    for index in 0..<4 {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index)))
    }
  }
}
