// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuxvLoader
import ELF

/// `demo-loader auxv`: an auxiliary vector, with names, values and what they point at.
struct Auxv: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show an auxiliary vector.",
    discussion: """
      Without options, the vector that the kernel gave demo-loader itself is shown.

      Examples:
        demo-loader auxv
        demo-loader auxv --pid 1 --json
        demo-loader auxv --core core.1234
      """)

  @Option(parsing: .unconditional, help: "Show the vector of this process. You must be allowed to trace it.")
  var pid: Int32?

  @Option(help: "Show the vector in this core file.")
  var core: ByteArgument?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if pid != nil && core != nil {
      throw ValidationError("Choose either --pid or --core: a vector has one source.")
    }
  }

  func run() throws {
    let report = try Failure.reported(subject: subject) { try read() }
    print(json ? try JSONTree(report.rows).text() : report.table)
  }

  private var subject: String {
    pid.map { "process \($0)" } ?? core?.text ?? "this process"
  }

  private func read() throws -> AuxvReport {
    if let pid {
      let vector = try AuxiliaryVector.ofProcess(pid)
      let machine: Machine = vector.format.elfClass == .bits32 ? .i386 : .native
      return AuxvReport(vector.vector, in: ProcessMemory(pid: pid), machine: machine)
    }
    if let core {
      let file = try CoreFile(path: core.bytes)
      return AuxvReport(file.vector, in: file.memory, machine: file.memory.header.machine, catalog: file.catalog)
    }
    return AuxvReport(try AuxiliaryVector.current(), in: ProcessMemory.own, machine: .native)
  }
}
