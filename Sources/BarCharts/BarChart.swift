// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A picture of durations on a logarithmic axis: panels side by side, in each groups of bars with their spread.
///
/// Readable in print and on a dark page: it has a white ground of its own, and colors that differ in lightness.
public struct BarChart {
  /// What something takes: a bar up to `middle`, and a line from `low` to `high`.
  public struct Bar: Sendable {
    var name: String
    var low, middle, high: Double
    var isOurs: Bool

    /// Bars of this project's are darker than others: `isOurs`.
    public init(name: String, low: Double, middle: Double, high: Double, isOurs: Bool) {
      self.name = name
      self.low = low
      self.middle = middle
      self.high = high
      self.isOurs = isOurs
    }
  }

  /// Bars under one heading.
  public struct Group: Sendable {
    var name: String
    var bars: [Bar]

    public init(name: String, bars: [Bar]) {
      self.name = name
      self.bars = bars
    }
  }

  /// Groups below each other.
  public struct Panel: Sendable {
    var name: String
    var limit: Double?
    var groups: [Group]

    /// `limit` is what nothing can be faster than: a line through all groups.
    public init(name: String, limit: Double? = nil, groups: [Group]) {
      self.name = name
      self.limit = limit
      self.groups = groups
    }
  }

  private static let (plot, gap, row, top) = (318, 24, 13, 84)

  private let title: String
  private let unit: String
  private let panels: [Panel]
  /// Pixels for the names of bars.
  private let label: Int

  /// `unit` is the line below the title: what the numbers are.
  public init(title: String, unit: String, panels: [Panel]) {
    self.title = title
    self.unit = unit
    self.panels = panels
    label = 30 + 6 * (panels.flatMap { $0.groups.flatMap(\.bars) }.map(\.name.count).max() ?? 0)
  }

  private var width: Int { 10 + panels.count * (label + Self.plot + Self.gap) }
  private var height: Int { Self.top + (panels.map { Self.height(of: $0) }.max() ?? 0) + 40 }

  private static func height(of panel: Panel) -> Int {
    panel.groups.reduce(0) { $0 + 26 + $1.bars.count * row }
  }

  /// The powers of ten at the ends of a panel's axis.
  private static func axis(of panel: Panel) -> ClosedRange<Int> {
    let bars = panel.groups.flatMap(\.bars)
    let least = bars.map(\.low).filter { $0 > 0 }.min() ?? 1
    let greatest = bars.map { max($0.high, $0.middle) }.max() ?? 10
    let low = Int(logarithm(least).rounded(.down))
    return low...max(low + 1, Int(logarithm(greatest).rounded(.up)))
  }

  /// The picture, an SVG file's text.
  public var svg: String {
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" "
        + "font-family=\"sans-serif\" font-size=\"10\">",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"white\"/>",
      text(title, x: 12, y: 24, extra: "font-size=\"16\""),
      text("\(unit); logarithmic axes", x: 12, y: 42, extra: "fill=\"#444\""),
    ]
    for (index, panel) in panels.enumerated() {
      lines += drawing(of: panel, left: 10 + index * (label + Self.plot + Self.gap))
    }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private func drawing(of panel: Panel, left: Int) -> [String] {
    let axis = Self.axis(of: panel)
    let start = left + label
    let bottom = Self.top + Self.height(of: panel)
    func x(_ value: Double) -> Int {
      let part = (Self.logarithm(value) - Double(axis.lowerBound)) / Double(axis.upperBound - axis.lowerBound)
      return start + Int((min(max(part, 0), 1) * Double(Self.plot)).rounded())
    }
    var lines = [text(panel.name, x: start, y: Self.top - 20, extra: "font-size=\"12\" font-weight=\"bold\"")]
    for power in axis {
      let place = start + (power - axis.lowerBound) * Self.plot / (axis.upperBound - axis.lowerBound)
      lines.append(line(place, Self.top - 4, place, bottom, "stroke=\"#ddd\""))
      lines.append(text(Self.power(power), x: place, y: bottom + 14, extra: "text-anchor=\"middle\" fill=\"#444\""))
    }
    if let limit = panel.limit {
      lines.append(line(x(limit), Self.top - 4, x(limit), bottom, "stroke=\"#b2182b\" stroke-dasharray=\"4 3\""))
    }
    var y = Self.top
    for group in panel.groups {
      lines.append(text(group.name, x: start, y: y + 14, extra: "font-size=\"11\" font-weight=\"bold\""))
      y += 20
      for bar in group.bars {
        let color = bar.isOurs ? "#08519c" : "#9ecae1"
        lines.append(text(bar.name, x: start - 6, y: y + 9, extra: "text-anchor=\"end\""))
        lines.append(
          "<rect x=\"\(start)\" y=\"\(y + 1)\" width=\"\(max(1, x(bar.middle) - start))\" height=\"\(Self.row - 3)\" "
            + "fill=\"\(color)\"><title>\(bar.name): \(Self.number(bar.middle, decimals: 2))</title></rect>")
        let middle = y + Self.row / 2
        lines.append(line(x(bar.low), middle, x(bar.high), middle, "stroke=\"#d94801\" stroke-width=\"1.5\""))
        lines.append(
          text(
            Self.number(bar.middle, decimals: bar.middle < 10 ? 2 : bar.middle < 1000 ? 1 : 0),
            x: x(max(bar.high, bar.middle)) + 4, y: y + 9,
            extra: "fill=\"#444\" font-size=\"9\""))
        y += Self.row
      }
      y += 6
    }
    return lines
  }

  private func text(_ content: String, x: Int, y: Int, extra: String) -> String {
    let escaped = content.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return "<text x=\"\(x)\" y=\"\(y)\" \(extra)>\(escaped)</text>"
  }

  private func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ extra: String) -> String {
    "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" \(extra)/>"
  }

  private static func number(_ number: Double, decimals: Int) -> String {
    let unit = (0..<decimals).reduce(1) { unit, _ in unit * 10 }
    let units = Int((number * Double(unit)).rounded())
    guard decimals > 0 else { return "\(units)" }
    let fraction = String(units % unit)
    return "\(units / unit)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  private static func power(_ exponent: Int) -> String {
    exponent < 0
      ? "0." + String(repeating: "0", count: -exponent - 1) + "1" : "1" + String(repeating: "0", count: exponent)
  }

  private static func logarithm(_ value: Double) -> Double { value > 0 ? log10(value) : 0 }
}
