// SPDX-License-Identifier: Apache-2.0

import ELF
import SimulatedKernel
import VDSOImages

/// The description of a code page.
struct ImageDescription: Encodable {
  struct Symbol: Encodable {
    var number: UInt32
    var name: String
    var slot: Int
  }

  var architecture: String
  var flavor: String
  var soname: String
  var fileSize: Int
  var symbols: [Symbol]

  init(_ page: CodePage, fileSize: Int) {
    architecture = page.architecture.rawValue
    flavor = page.flavor.rawValue
    soname = VDSOImages.soname(for: page.architecture)
    self.fileSize = fileSize
    symbols = page.availableSymbols.map {
      Symbol(number: $0.rawValue, name: page.name(of: $0) ?? "", slot: $0.slotOffset(on: page.architecture))
    }
  }

  var table: String {
    let head = "\(soname), \(architecture), flavor \(flavor): \(fileSize) bytes of one page\n\n"
    return head
      + Table.text(
        columns: ["number", "slot", "symbol"],
        rows: symbols.map { ["\($0.number)", hexadecimal($0.slot), $0.name] })
  }
}
