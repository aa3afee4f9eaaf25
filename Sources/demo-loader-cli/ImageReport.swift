// SPDX-License-Identifier: Apache-2.0

import ELF
import Foundation
import SimulatedKernel

/// An annotated map of a code page: what each byte is for, how many are used, and the code's instructions.
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

  /// What a disassembler says, the first that is installed and knows the machine.
  private func instructions() throws -> String {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vdso-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appendingPathComponent("image.so")
    try Data(page.bytes[..<fileSize]).write(to: file)
    for tool in ["llvm-objdump", "objdump"] {
      if let text = Self.output(of: ["env", tool, "-d", "--no-show-raw-insn", file.path]), text.contains(":\t") {
        // Its first lines name the file.
        return text.split(separator: "\n", omittingEmptySubsequences: false).drop { !$0.hasPrefix("Disassembly") }
          .joined(separator: "\n")
      }
    }
    return "No disassembly: install llvm or binutils for it.\n"
  }

  private static func output(of command: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = Array(command.dropFirst())
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}
