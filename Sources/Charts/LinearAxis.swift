// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A linear axis of times, in seconds, from zero or below to zero or above.
struct LinearAxis {
  struct Unit {
    var name: String
    var seconds: Double
  }

  private static let units = [
    Unit(name: "nanoseconds", seconds: 1e-9), Unit(name: "microseconds", seconds: 1e-6),
    Unit(name: "milliseconds", seconds: 1e-3), Unit(name: "seconds", seconds: 1), Unit(name: "minutes", seconds: 60),
    Unit(name: "hours", seconds: 3600), Unit(name: "days", seconds: 86_400), Unit(name: "years", seconds: 31_557_600),
  ]

  /// The largest of which the axis has two or more.
  let unit: Unit
  /// Where numbers stand: at 1, 2 or 5 times a power of ten, of the unit.
  let ticks: [Double]
  private let step: Double

  /// The axis on which all of `values`, and zero, have their place.
  init(_ values: [Double]) {
    let low = min(0, values.min() ?? 0)
    let high = max(0, values.max() ?? 0)
    let span = high > low ? high - low : 1
    let unit = Self.units.last { span >= 2 * $0.seconds } ?? Self.units[0]
    let rough = span / unit.seconds / 6
    let power = pow(10, log10(rough).rounded(.down))
    let step = ([1, 2, 5].first { $0 * power >= rough } ?? 10) * power
    let first = Int((low / unit.seconds / step).rounded(.down))
    let last = max(first + 1, Int((high / unit.seconds / step).rounded(.up)))
    (self.unit, self.step) = (unit, step)
    ticks = (first...last).map { Double($0) * step * unit.seconds }
  }

  /// Where a value is, from 0 to 1.
  func position(of value: Double) -> Double {
    let (low, high) = (ticks[0], ticks[ticks.count - 1])
    return min(max((value - low) / (high - low), 0), 1)
  }

  /// A value in the unit, with `digits` digits after the point; without that, as many as the ticks have.
  func text(_ value: Double, digits: Int? = nil) -> String {
    let digits = digits ?? max(0, -Int(log10(step * 1.000_001).rounded(.down)))
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let units = Int((abs(value) / unit.seconds * scale).rounded())
    let sign = value < 0 && units > 0 ? "\u{2212}" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let fraction = String(units % Int(scale))
    return "\(sign)\(units / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
