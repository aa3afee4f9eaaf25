import SimulatedKernel

/// What four calls cost, each by four ways.
struct BenchReport {
  static let calls = ["clock_gettime", "gettimeofday", "time", "getpid"]

  struct Row: Encodable {
    var call: String
    /// Nanoseconds. The kernel's page has no getpid: there it is a trap.
    var kernelPage: Double
    var ourPageByCounter: Double
    var ourPageByHost: Double
    var trap: Double
  }

  let rows: [Row]
  private let source: ClockSource

  /// `times` are nanoseconds, call by call, in the order of a row's fields.
  init(_ times: [Double], source: ClockSource) {
    self.source = source
    rows = Self.calls.enumerated().map { index, call in
      let cells = times[4 * index..<4 * index + 4].map { ($0 * 100).rounded() / 100 }
      return Row(
        call: call, kernelPage: cells[0], ourPageByCounter: cells[1], ourPageByHost: cells[2], trap: cells[3])
    }
  }

  var table: String {
    let note = source == .tsc ? "" : "\n\nThis machine has no invariant counter: the host's clock served in its place."
    return Table.text(
      columns: ["nanoseconds per call", "kernel page", "our page, tsc", "our page, host", "trap", "tsc / kernel"],
      rows: rows.map { row in
        [
          row.call, Self.text(row.kernelPage), Self.text(row.ourPageByCounter), Self.text(row.ourPageByHost),
          Self.text(row.trap), Self.text(row.ourPageByCounter / row.kernelPage),
        ]
      }) + note
  }

  private static func text(_ number: Double) -> String { Table.number(number, decimals: 2) }
}
