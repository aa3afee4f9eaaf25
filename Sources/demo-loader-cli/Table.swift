// SPDX-License-Identifier: Apache-2.0

/// Tables for people to read.
enum Table {
  /// Returns `rows` as text under `columns`. Each column is as wide as its widest cell, with two spaces between columns.
  static func text(columns: [String], rows: [[String]]) -> String {
    let widths = columns.indices.map { index in
      ([columns] + rows).map { $0[index].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
    return ([line(columns)] + rows.map(line)).joined(separator: "\n")
  }

  /// Returns a number, not negative, rounded to at least one decimal.
  static func number(_ number: Double, decimals: Int) -> String {
    let unit = (0..<decimals).reduce(1) { unit, _ in unit * 10 }
    let units = Int((number * Double(unit)).rounded())
    let fraction = String(units % unit)
    return "\(units / unit)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }
}
