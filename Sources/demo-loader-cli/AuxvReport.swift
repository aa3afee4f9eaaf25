// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF

/// The report about an auxiliary vector.
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

  init<Memory: ReadableMemory & ~Copyable>(
    _ vector: AuxiliaryVector, in memory: borrowing Memory, machine: Machine, catalog: AuxvCatalog = .linux
  ) {
    let capabilities = HardwareCapabilities(machine: machine)
    formatted = vector.entries.map { $0.formattedValue(catalog: catalog) }
    var rows: [Row] = []
    for entry in vector.entries {
      rows.append(
        Row(
          key: entry.key.rawValue, name: catalog.name(of: entry.key), value: entry.value,
          content: Self.content(of: entry, memory, capabilities, catalog),
          meaning: catalog[entry.key].map { "\($0.meaning)" }))
    }
    self.rows = rows
  }

  var lines: [String] { table.split(separator: "\n").map(String.init) }

  var table: String {
    Table.text(
      columns: ["number", "name", "value", "meaning"],
      rows: zip(rows, formatted).map { row, value in
        let content = row.content.map { ": \($0)" } ?? ""
        return ["\(row.key)", row.name, value, (row.meaning ?? "") + content.escapingControls]
      })
  }

  private static func content<Memory: ReadableMemory & ~Copyable>(
    of entry: AuxiliaryVector.Entry, _ memory: borrowing Memory, _ capabilities: HardwareCapabilities?,
    _ catalog: AuxvCatalog
  ) -> String? {
    // The masks have Linux's numbers; FreeBSD's have other bits.
    let masks: [AuxvKey] = [.hardwareCapabilities, .hardwareCapabilities2, .hardwareCapabilities3]
    let name = catalog.name(of: entry.key)
    if masks.contains(entry.key), name == entry.key.description, let capabilities {
      return capabilities.names(of: entry.key, entry.value).joined(separator: " ")
    }
    guard let bytes = entry.followed(in: memory, catalog: catalog) else { return nil }
    return catalog[entry.key]?.kind == .string ? String(decoding: bytes, as: UTF8.self) : bytes.hexadecimal
  }
}

extension [UInt8] {
  /// Two digits for each byte.
  var hexadecimal: String {
    map { ELF.hexadecimal($0, digits: 2).dropFirst(2) }.joined()
  }
}
