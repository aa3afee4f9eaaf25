// SPDX-License-Identifier: Apache-2.0

import Charts
import VirtualTime

extension LineChart {
  /// The date that a session's programs saw, compared with the host.
  init(_ record: TimeRecord) {
    func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
    let start = record.changes[0].uptime
    var points: [LineChart.Point] = []
    for (index, change) in record.changes.enumerated() {
      let time = seconds(change.uptime - start)
      if index > 0 { points.append(LineChart.Point(time: time, value: seconds(change.before))) }
      points.append(LineChart.Point(time: time, value: seconds(change.after), isMarked: true))
    }
    points.append(
      LineChart.Point(time: seconds(record.present.uptime - start), value: seconds(record.present.before)))
    let dropped = record.dropped > 0 ? " \(record.dropped) early changes are missing." : ""
    self.init(
      title: "The date that the programs of a session saw",
      note: "The line is their date less the host's, a dot is a change of the time.\(dropped)",
      timeName: "Time since the session began", valueName: "Date less the host's", points: points)
  }
}
