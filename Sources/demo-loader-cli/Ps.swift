// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Launcher

/// `demo-loader ps`: which vDSO each process uses, and by which clock source.
struct Ps: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List processes and which vDSO each uses.",
    discussion: """
      For our pages, ps shows the clock source and the number of the session: processes with the same number see the same \
      time. ps reads the auxiliary vector and the memory of each process, so you must be allowed to trace it. Processes that you \
      may not trace are only counted, but they are listed with the reason in JSON, or if you name them. Kernel threads and \
      processes that have ended have no memory and are left out.

      The exit status is 1 if a requested process doesn't exist or /proc can't be read, and otherwise 0.

      Examples:
        demo-loader ps
        demo-loader ps --ours
        demo-loader ps 1 4711 --json
        watch demo-loader ps --ours
      """)

  @Argument(help: "List only these processes.")
  var pid: [Int32] = []

  @Flag(help: "List only processes on our pages.")
  var ours = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let processes = try pid.isEmpty ? all() : pid.map(process)
    let report = ProcessReport(ours ? processes.filter { $0.vdso == .ours } : processes)
    print(json ? try JSONTree(report).text() : report.text(isOfAll: pid.isEmpty))
  }

  private func all() throws -> [ProcessRow] {
    guard let numbers = ProcessTable.numbers else {
      StandardError.print("demo-loader: ps: cannot read /proc: mount it")
      throw ExitCode.failure
    }
    return numbers.compactMap(ProcessRow.init(process:))
  }

  private func process(_ number: Int32) throws -> ProcessRow {
    guard let row = ProcessRow(process: number) else {
      StandardError.print(
        "demo-loader: ps: process \(number) doesn't exist, or has no memory: check it with ps -p \(number)")
      throw ExitCode.failure
    }
    return row
  }
}
