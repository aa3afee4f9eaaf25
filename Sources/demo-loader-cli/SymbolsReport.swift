// SPDX-License-Identifier: Apache-2.0

import ELF

/// The report about an image's dynamic symbols.
struct SymbolsReport: Encodable {
  struct Row: Encodable {
    var name: String
    var version: String?
    /// Whether only a reference that names the version finds it.
    var hidden: Bool
    /// The value without load bias.
    var value: UInt64
    var size: UInt64
    var type: String
    var binding: String
    /// Whether `value` is a number and not an address.
    var absolute: Bool
  }

  var soname: String?
  var machine: String
  /// The word size: 32 or 64.
  var bits: Int
  var buildID: String?
  /// The address at which the image is mapped, or nil for a file.
  var address: UInt64?
  var symbols: [Row]

  init(_ object: SharedObject, address: UInt64?) throws(ELFError) {
    soname = object.symbols.soname
    machine = object.header.machine.description
    bits = object.header.elfClass.wordSize * 8
    buildID = object.buildID?.hexadecimal
    self.address = address
    symbols = try object.symbols.defined().map { symbol in
      Row(
        name: symbol.name, version: symbol.version, hidden: symbol.isHidden, value: symbol.value, size: symbol.size,
        type: Self.name(symbol.type), binding: Self.name(symbol.binding), absolute: symbol.section == .absolute)
    }
  }

  var table: String {
    let place = address.map { " at \(hexadecimal($0))" } ?? ""
    return "\((soname ?? "an image without a name").escapingControls), \(bits)-bit \(machine)\(place)\n\n"
      + Table.text(
        columns: ["offset", "size", "type", "binding", "symbol"],
        rows: symbols.map { row in
          // A default version is written with two @ signs, as in linkers' maps.
          let version = row.version.map { row.hidden ? "@\($0)" : "@@\($0)" } ?? ""
          let value = hexadecimal(row.value) + (row.absolute ? " (absolute)" : "")
          return [value, "\(row.size)", row.type, row.binding, (row.name + version).escapingControls]
        })
  }

  private static func name(_ type: SymbolType) -> String {
    switch type {
    case .function: "function"
    case .object: "object"
    case .none: "none"
    default: "type \(type.rawValue)"
    }
  }

  private static func name(_ binding: SymbolBinding) -> String {
    switch binding {
    case .global: "global"
    case .weak: "weak"
    case .local: "local"
    default: "binding \(binding.rawValue)"
    }
  }
}
