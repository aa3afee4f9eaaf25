import AuxvLoader
import ELF

/// What there is to say of an auxiliary vector.
struct AuxvReport {
  struct Row: Encodable {
    var key: UInt64
    var name: String
    var value: UInt64
    /// The string that the value points at, the random bytes, or the capabilities' names.
    var content: String?
    var meaning: String?
  }

  let rows: [Row]
  private let formatted: [String]

  init(_ source: (vector: AuxiliaryVector, memory: ProcessMemory?, machine: Machine)) {
    let catalog = AuxvCatalog.linux
    let capabilities = HardwareCapabilities(machine: source.machine)
    formatted = source.vector.entries.map { $0.formattedValue(catalog: catalog) }
    rows = source.vector.entries.map { entry in
      Row(
        key: entry.key.rawValue, name: catalog.name(of: entry.key), value: entry.value,
        content: Self.content(of: entry, source.memory, capabilities),
        meaning: catalog[entry.key].map { "\($0.meaning)" })
    }
  }

  var table: String {
    Table.text(
      columns: ["number", "name", "value", "meaning"],
      rows: zip(rows, formatted).map { row, value in
        let content = row.content.map { ": \($0)" } ?? ""
        return ["\(row.key)", row.name, value, (row.meaning ?? "") + content]
      })
  }

  private static func content(
    of entry: AuxiliaryVector.Entry, _ memory: ProcessMemory?, _ capabilities: HardwareCapabilities?
  ) -> String? {
    let masks: [AuxvKey] = [.hardwareCapabilities, .hardwareCapabilities2, .hardwareCapabilities3]
    if masks.contains(entry.key), let capabilities {
      return capabilities.names(of: entry.key, entry.value).joined(separator: " ")
    }
    guard let bytes = memory.flatMap({ entry.followed(in: $0) }) else { return nil }
    return AuxvCatalog.linux[entry.key]?.kind == .string
      ? String(decoding: bytes, as: UTF8.self)
      : bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
