// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A picture of a quantity that changes in time: a line, a dot where it jumps or bends, and the line of zero.
///
/// The axes are linear, each in a unit of time in which its numbers are short. The picture fits into a page of 830 pixels and follows the
/// reader's choice of a light or a dark page.
public struct LineChart {
  /// A quantity at a moment, both in seconds.
  public struct Point: Sendable {
    var time: Double
    var value: Double
    var isMarked: Bool

    /// A point of the line, with a dot if it `isMarked`.
    public init(time: Double, value: Double, isMarked: Bool = false) {
      (self.time, self.value, self.isMarked) = (time, value, isMarked)
    }
  }

  private static let (width, height, left, right, top, bottom) = (820, 360, 100, 20, 70, 54)

  private let title: String
  private let note: String
  private let names: (time: String, value: String)
  private let points: [Point]

  /// `note` is the line below the title; the names stand at the axes, before their units. `points` are in the order of time.
  public init(title: String, note: String, timeName: String, valueName: String, points: [Point]) {
    (self.title, self.note, self.points) = (title, note, points)
    names = (timeName, valueName)
  }

  /// The picture, an SVG file's text.
  public var svg: String {
    let times = LinearAxis(points.map(\.time)), values = LinearAxis(points.map(\.value))
    let plot = (
      width: Double(Self.width - Self.left - Self.right), height: Double(Self.height - Self.top - Self.bottom)
    )
    func x(_ time: Double) -> Int { Self.left + Int((times.position(of: time) * plot.width).rounded()) }
    func y(_ value: Double) -> Int {
      Self.height - Self.bottom - Int((values.position(of: value) * plot.height).rounded())
    }
    let (end, floor) = (Self.width - Self.right, Self.height - Self.bottom)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.width)\" height=\"\(Self.height)\" "
        + "viewBox=\"0 0 \(Self.width) \(Self.height)\" font-family=\"sans-serif\" font-size=\"11\">",
      """
      <style>
      .page { fill: #fff } text { fill: #222 } .grid { stroke: #ddd } .zero { stroke: #666; stroke-dasharray: 4 3 }
      .line { fill: none; stroke: #08519c; stroke-width: 2 } .dot { fill: #08519c }
      @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .zero { stroke: #9198a1 }
      .line { stroke: #79c0ff } .dot { fill: #79c0ff }
      }
      </style>
      """,
      "<rect class=\"page\" width=\"\(Self.width)\" height=\"\(Self.height)\"/>",
      text(title, 12, 24, "font-size=\"16\""), text(note, 12, 42, ""),
      text("\(names.value), \(values.unit.name)", 12, 60, ""),
      text("\(names.time), \(times.unit.name)", (Self.left + end) / 2, Self.height - 12, "text-anchor=\"middle\""),
    ]
    for tick in times.ticks {
      lines.append(line(x(tick), Self.top, x(tick), floor, "grid"))
      lines.append(text(times.text(tick), x(tick), floor + 16, "text-anchor=\"middle\""))
    }
    for tick in values.ticks {
      lines.append(line(Self.left, y(tick), end, y(tick), "grid"))
      lines.append(text(values.text(tick), Self.left - 8, y(tick) + 4, "text-anchor=\"end\""))
    }
    lines.append(line(Self.left, y(0), end, y(0), "zero"))
    let places = points.map { "\(x($0.time)),\(y($0.value))" }.joined(separator: " ")
    lines.append("<polyline class=\"line\" points=\"\(places)\"/>")
    for point in points where point.isMarked {
      lines.append(
        "<circle class=\"dot\" cx=\"\(x(point.time))\" cy=\"\(y(point.value))\" r=\"4\"><title>"
          + "\(values.text(point.value, digits: 3)) \(values.unit.name) at \(times.text(point.time, digits: 3)) \(times.unit.name)"
          + "</title></circle>")
    }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private func text(_ content: String, _ x: Int, _ y: Int, _ extra: String) -> String {
    "<text x=\"\(x)\" y=\"\(y)\"\(extra.isEmpty ? "" : " " + extra)>\(content.escapingMarkup)</text>"
  }

  private func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ kind: String) -> String {
    "<line class=\"\(kind)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>"
  }
}
