// SPDX-License-Identifier: Apache-2.0

import Charts
import Foundation

/// Draws a document's tables into the picture that the document shows: each column whose head has the form "NAME, UNIT" is a panel.
///
/// The line `![TITLE](PICTURE)` of the document names the picture. The tables stand below that line, up to the next heading of the same
/// level as the one above it.
@main
struct Main {
  static func main() throws {
    guard CommandLine.arguments.count == 3 else { fail("usage: table-chart DOCUMENT.md PICTURE.svg") }
    let (document, picture) = (CommandLine.arguments[1], CommandLine.arguments[2])
    let name = URL(fileURLWithPath: picture).lastPathComponent
    let lines = try String(contentsOfFile: document, encoding: .utf8).components(separatedBy: "\n")
    guard let section = PictureSection(of: name, in: lines) else {
      fail("\(document) shows no picture \(name): add a line ![TITLE](\(name))")
    }
    var panels: [DotChart.Panel] = []
    var hasRange = false
    for table in section.tables {
      for (index, head) in table.heads.enumerated() {
        let words = head.components(separatedBy: ", ")
        guard words.count == 2 else { continue }
        let rows = table.rows.map { cells in
          guard cells.count == table.heads.count, let quantity = Quantity(cells[index]) else {
            fail("\(document): column \"\(head)\" of \(cells) has no number, or not the form \"MIDDLE (LOW to HIGH)\"")
          }
          hasRange = hasRange || quantity.hasRange
          return quantity.row(named: cells[0].replacing("`", with: ""))
        }
        panels.append(
          DotChart.Panel(name: words[0], unit: words[1], groups: [DotChart.Group(name: "", rows: rows)]))
      }
    }
    guard !panels.isEmpty else { fail("\(document) has no column \"NAME, UNIT\" below the picture \(name)") }
    let chart = DotChart(
      title: section.title,
      note: "filled: this project's" + (hasRange ? "; a line is the range of the runs, and a dot their median" : ""),
      panels: panels, sharesScale: false)
    try chart.svg.write(toFile: picture, atomically: true, encoding: .utf8)
  }

  private static func fail(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("table-chart: \(reason)\n".utf8))
    exit(2)
  }
}
