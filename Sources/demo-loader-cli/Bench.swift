// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ELF
import Charts
import BenchPrograms
import Launcher
import SimulatedKernel

/// `demo-loader bench`: the cost of calls, made in each way.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time clock calls in every way: system calls, the kernel's page, our page in each mode, libc, the shim.",
    discussion: """
      One run times all ways in turns, and also the bare counter read, which is the lower limit for reading a clock. 64-bit and \
      32-bit programs have a run each. Compare the ratios; the nanoseconds of one machine mean little on another.

      Examples:
        demo-loader bench
        demo-loader bench --csv > costs.csv
        demo-loader bench --rounds 2000 --svg costs.svg
      """)

  @Option(help: "The number of samples of each call in each way.")
  var rounds = 300

  @Option(help: "The number of calls in a row that make up one sample.")
  var calls = 200

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print comma-separated values, one line for each call and way.")
  var csv = false

  @Option(
    help: ArgumentHelp(
      "Draw a chart of the medians and their spread into this file; - is standard output, in place of the table.",
      valueName: "file"))
  var svg: ByteArgument?

  @Option(
    help: ArgumentHelp(
      "The libc shim to time. The default is the installed one.", valueName: "file"))
  var shim: ByteArgument?

  func validate() throws {
    guard (1...1_000_000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000000.") }
    guard !json || !csv else {
      throw ValidationError("--json and --csv are two formats of the same table: omit one of them.")
    }
    guard (1...100_000).contains(calls) else { throw ValidationError("--calls must be from 1 to 100000.") }
  }

  func run() throws {
    guard Machine.native == .x86_64 else {
      StandardError.print(
        "demo-loader: bench: its programs are for x86_64 and i386, not for this machine: `demo-loader doctor` times calls here"
      )
      throw ExitCode.failure
    }
    let picture = try svg.map { try OutputFile($0) }
    if let shim { _ = try Failure.reported(subject: shim.text) { try SharedObject(path: shim.bytes) } }
    let report = try Failure.reported(subject: "bench") { try measure() }
    try picture?.write(Array(report.chart.svg.utf8))
    if svg?.text == "-" { return }
    print(json ? try JSONTree(report.calls).text() : csv ? report.commaSeparated : report.text)
  }

  private func measure() throws -> BenchReport {
    let pages = try BenchPages()
    var report = BenchReport(source: pages.counterSource)
    let library = shim?.text ?? Self.installedShim
    let progress = ProgressBar(steps: BenchProgram.allCases.count * rounds + (library == nil ? 0 : rounds))
    for program in BenchProgram.allCases {
      let worker = BenchWorker(program: program, rounds: rounds, calls: calls)
      guard let samples = try worker.run(pages, progress: progress) else { continue }
      report.add(samples, of: program)
      if program == .x86_64, let library, let samples = try worker.run(preloading: library, pages, progress: progress) {
        report.add(samples, of: program)
      }
    }
    progress.finish()
    return report
  }

  /// The shim that is installed with the command: PREFIX/lib for PREFIX/libexec/demo-loader-cli.
  private static var installedShim: String? {
    FileNames.ownDirectory.flatMap { directory in
      ["lib", "shim"].map { "\(directory)/../\($0)/libvdsoshim.so" }.first { (try? SharedObject(path: $0)) != nil }
    }
  }
}
