import ELF

/// What there is to say of an image's dynamic symbols.
struct SymbolsReport: Encodable {
  struct Row: Encodable {
    var name: String
    var version: String?
    /// Without load bias.
    var value: UInt64
    var size: UInt64
    var type: String
    var binding: String
  }

  var soname: String?
  var machine: String
  /// Where the image is mapped, or nil for a file.
  var address: UInt64?
  var symbols: [Row]

  init(header: ELFHeader, address: UInt64?, symbols: DynamicSymbols) throws(ELFError) {
    soname = symbols.soname
    machine = header.machine.description
    self.address = address
    self.symbols = try symbols.defined().map { symbol in
      Row(
        name: symbol.name, version: symbol.version, value: symbol.value, size: symbol.size,
        type: Self.name(symbol.type), binding: Self.name(symbol.binding))
    }
  }

  var table: String {
    let place = address.map { " at 0x" + String($0, radix: 16) } ?? ""
    return "\(soname ?? "an image without a name"), \(machine)\(place)\n\n"
      + Table.text(
        columns: ["offset", "size", "type", "binding", "symbol"],
        rows: symbols.map { row in
          let version = row.version.map { "@\($0)" } ?? ""
          return ["0x" + String(row.value, radix: 16), "\(row.size)", row.type, row.binding, row.name + version]
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
