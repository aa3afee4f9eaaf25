// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@Suite("The timekeeper's death")
struct TimekeeperFaultTests {
  /// A signal to a timekeeper, and its effect on the timekeeper and on the program's clocks.
  struct Row: Sendable {
    var engine: String
    var signal: Int32
    var timekeeper: String
  }

  static let rows = [
    Row(engine: "exec", signal: SIGKILL, timekeeper: "replaced"),
    Row(engine: "exec", signal: SIGSTOP, timekeeper: "replaced"),
    Row(engine: "load", signal: SIGKILL, timekeeper: "died"),
    // No process notices this signal. Readings by the counter become too old.
    Row(engine: "load", signal: SIGSTOP, timekeeper: "same"),
  ]

  @Test("keeps a program's clocks right when the timekeeper is killed or stopped", arguments: rows)
  func signal(row: Row) throws {
    let directory = try TemporaryDirectory()
    let program = try Setup.compile("timekeeper-fault.c", in: directory)
    let result = try Command.run([
      Setup.loader, "--engine", row.engine, "--clock-source", "tsc", "--no-follow", program, "\(row.signal)", "6",
    ])
    #expect(result.output.hasPrefix("exact 0 coarse "), "\(result.output)")
    #expect(result.output.hasSuffix("timekeeper \(row.timekeeper)\n"), "\(result.output)")
    #expect(result.status == 0, "\(result.output)")
    Tally.faults.report(1, "signal \(row.signal) to the timekeeper, \(row.engine)")
  }
}
