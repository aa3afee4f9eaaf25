// SPDX-License-Identifier: Apache-2.0

import Charts
import Foundation

/// The part of a document that a picture belongs to: its title, and the tables below it.
struct PictureSection {
  struct Table {
    var heads: [String]
    var rows: [[String]]
  }

  var title: String
  private(set) var tables: [Table] = []

  /// The section of the picture `name`; nil if no line shows it.
  init?(of name: String, in lines: [String]) {
    let end = "](\(name))"
    guard let place = lines.firstIndex(where: { $0.hasPrefix("![") && $0.hasSuffix(end) }) else { return nil }
    title = String(lines[place].dropFirst(2).dropLast(end.count))
    func level(_ line: String) -> Int? {
      let marks = line.prefix { $0 == "#" }
      return !marks.isEmpty && line.dropFirst(marks.count).hasPrefix(" ") ? marks.count : nil
    }
    let own = lines[..<place].last { level($0) != nil }.flatMap(level) ?? 1
    let section = lines[place...].prefix { line in level(line).map { $0 > own } ?? true }
    for block in section.split(whereSeparator: { !$0.hasPrefix("|") }) where block.count > 2 {
      let cells = block.map { line in
        line.dropFirst().dropLast().components(separatedBy: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      tables.append(Table(heads: cells[0], rows: Array(cells.dropFirst(2))))
    }
  }
}

/// A table's number, with the range of the runs that it is the median of.
struct Quantity {
  private var low, middle, high: Double

  /// Reads "MIDDLE" or "MIDDLE (LOW to HIGH)".
  init?(_ text: String) {
    let pattern = /([0-9.]+)(?: \(([0-9.]+) to ([0-9.]+)\))?/
    guard let match = text.wholeMatch(of: pattern), let middle = Double(match.1) else { return nil }
    self.middle = middle
    low = match.2.flatMap { Double($0) } ?? middle
    high = match.3.flatMap { Double($0) } ?? middle
  }

  var hasRange: Bool { low < high }

  func row(named name: String) -> DotChart.Row {
    let isOurs = name.hasPrefix("our ") || name.hasPrefix("demo-loader")
    return DotChart.Row(name: name, low: low, middle: middle, high: high, isOurs: isOurs)
  }
}
