// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ELF
import VDSOResolver

/// `demo-loader symbols`: lists the symbols that a vDSO image defines.
struct Symbols: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the functions of a vDSO.",
    discussion: """
      Without options, the functions of the kernel's vDSO in demo-loader itself are listed.

      Examples:
        demo-loader symbols
        demo-loader symbols --pid 1
        demo-loader symbols vdso64.so --json
      """)

  @OptionGroup var source: ImageSource

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let report = try Failure.reported(subject: source.subject) { try read() }
    print(json ? try JSONTree(report).text() : report.table)
  }

  private func read() throws -> SymbolsReport {
    if let file = source.file {
      return try SymbolsReport(SharedObject(ELFImage(path: file.bytes)), address: nil)
    }
    let image = try source.image()
    return try SymbolsReport(image.object, address: image.address)
  }
}
