// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A logarithmic axis from one power of ten to another.
struct ChartAxis {
  let powers: ClosedRange<Int>

  /// The shortest axis that has all of `rows` on it.
  init(of rows: [DotChart.Row]) {
    let least = rows.map(\.low).filter { $0 > 0 }.min() ?? 1
    let greatest = rows.map { max($0.high, $0.middle) }.max() ?? 10
    let low = Int(Self.logarithm(least).rounded(.down))
    powers = low...max(low + 1, Int(Self.logarithm(greatest).rounded(.up)))
  }

  /// Where a quantity is, from 0 to 1.
  func position(of value: Double) -> Double {
    let part = (Self.logarithm(value) - Double(powers.lowerBound)) / Double(powers.upperBound - powers.lowerBound)
    return min(max(part, 0), 1)
  }

  /// A power of ten, by its exponent.
  static func text(_ exponent: Int) -> String {
    exponent < 0
      ? "0." + String(repeating: "0", count: -exponent - 1) + "1" : "1" + String(repeating: "0", count: exponent)
  }

  /// A quantity to about three digits.
  static func text(_ number: Double) -> String {
    let decimals = number < 10 ? 2 : number < 1000 ? 1 : 0
    let unit = (0..<decimals).reduce(1) { unit, _ in unit * 10 }
    let units = Int((number * Double(unit)).rounded())
    guard decimals > 0 else { return "\(units)" }
    let fraction = String(units % unit)
    return "\(units / unit)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  private static func logarithm(_ value: Double) -> Double { value > 0 ? log10(value) : 0 }
}
