// SPDX-License-Identifier: Apache-2.0

import ELF
import SimulatedKernel

/// An annotated map of a code page: the purpose of each byte, the number of used bytes, and the instructions of the code.
struct ImageReport {
  let page: CodePage
  let fileSize: Int
  let layout: ImageLayout

  func text() throws -> String {
    let used = page.bytes.count - layout.free
    let table = Table.text(
      columns: ["start", "bytes", "kind", "what"],
      rows: layout.regions.map { [hexadecimal($0.start, digits: 3), "\($0.size)", $0.kind.rawValue, $0.name] })
    return """
      The \(page.architecture) code page, flavor \(page.flavor): \(used) bytes used, \(layout.free) free

      \(table)

      \(try instructions())
      """
  }

  /// The output of a disassembler, the first one that is installed and knows the machine.
  private func instructions() throws -> String {
    let files = try TemporaryFiles()
    defer { withExtendedLifetime(files) {} }
    let file = try files.file("image.so", Array(page.bytes[..<fileSize]))
    for tool in ["llvm-objdump", "objdump"] {
      if let text = ChildProgram.output(of: [tool, "-d", "--no-show-raw-insn", file]), text.contains(":\t") {
        // Its first lines name the file.
        return text.split(separator: "\n", omittingEmptySubsequences: false).drop { !$0.hasPrefix("Disassembly") }
          .joined(separator: "\n")
      }
    }
    return "No disassembly: install llvm or binutils for it.\n"
  }
}
