import ArgumentParser
import AuxvLoader
import ELF
import VDSOResolver

/// `demo-loader symbols`: what a vDSO image defines.
struct Symbols: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the functions of a vDSO.",
    discussion: """
      Without options it is the one of demo-loader itself, the kernel's.

      Examples:
        demo-loader symbols
        demo-loader symbols --file vdso64.so --json
      """)

  @Option(help: "Of the image in this file.")
  var file: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let report = try Failure.reported(subject: file ?? "this process's vDSO") { try read() }
    print(json ? try JSONText.encode(report) : report.table)
  }

  private func read() throws -> SymbolsReport {
    if let file {
      let image = try ELFImage(path: file)
      return try SymbolsReport(header: image.header, address: nil, symbols: image.dynamicSymbols())
    }
    let image = try VDSOImage.ofThisProcess()
    return try SymbolsReport(header: image.object.header, address: image.address, symbols: image.object.symbols)
  }
}
