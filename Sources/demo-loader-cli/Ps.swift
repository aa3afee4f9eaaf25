import ArgumentParser
import Launcher

/// `demo-loader ps`: which vDSO each process uses, and by which clock source.
struct Ps: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List processes and which vDSO each uses.",
    discussion: """
      ours comes with its clock source, and with the number of the memory file that holds its time page: processes with \
      the same one are of one session, and see the same time. What a process was told is read from its auxiliary vector and its \
      memory, so it takes the right to trace it; where that is missing, the process is listed with the reason. Kernel threads \
      and processes that have ended are left out: they have no memory.

      Exit status: 0, or 1 where a process that was asked for isn't there, or /proc can't be read.

      Examples:
        demo-loader ps
        demo-loader ps --ours
        demo-loader ps 1 4711 --json
        watch demo-loader ps --ours
      """)

  @Argument(help: "These processes alone.")
  var pid: [Int32] = []

  @Flag(help: "Only those on one of our pages.")
  var ours = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let processes = try pid.isEmpty ? all() : pid.map(process)
    let report = ProcessReport(ours ? processes.filter { $0.vdso == .ours } : processes)
    print(json ? try JSONText.encode(report) : report.text)
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
      StandardError.print("demo-loader: ps: process \(number): there is none, or it has no memory: see ps -p \(number)")
      throw ExitCode.failure
    }
    return row
  }
}
