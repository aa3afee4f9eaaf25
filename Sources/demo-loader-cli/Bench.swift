import ArgumentParser
import AuxvLoader
import Launcher
import SimulatedKernel
import VDSOResolver

/// `demo-loader bench`: what four calls cost by the kernel's page, by ours, and by a trap, here and now.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time four calls by the kernel's page, by ours, and by a trap.",
    discussion:
      "All ways are timed in turns in one run, so their ratios can be compared; the best of the rounds counts.")

  @Option(help: "How often each way is timed.")
  var rounds = 200

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let report = try Failure.reported(subject: "bench") { try measure() }
    print(json ? try JSONText.encode(report.rows) : report.table)
  }

  private func measure() throws -> BenchReport {
    let host = try? VDSOImage.ofThisProcess()
    let counter = try OwnPages(.tsc, host: host)
    let hosted = try OwnPages(.host, host: host)
    // The counter's page is refreshed between rounds, as its keeper would.
    let images = try [counter.pages, hosted.pages].map { try VDSOImage(mappedAt: UInt64($0.codePage)) }
    let ways = [
      CallBodies(host), CallBodies(images[0]), CallBodies(images[1]), CallBodies(nil),
    ]
    var best: [[Double]] = []
    for _ in 0..<max(1, rounds) {
      counter.refresh()
      let bodies = BenchReport.calls.flatMap { call in ways.map { $0.body(call) } }
      let times = CallTimer.nanosecondsPerCall(bodies, calls: 2000, rounds: 1)
      best.append(times)
    }
    let least = best[0].indices.map { index in best.map { $0[index] }.min()! }
    return BenchReport(least, source: counter.clockSource)
  }
}
