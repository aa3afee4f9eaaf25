// SPDX-License-Identifier: Apache-2.0

/// A picture of quantities on logarithmic axes: panels below each other, and in each panel groups of dots with their spread.
///
/// A logarithmic axis has no zero that a bar could start at, so a dot stands for a quantity. The picture fits into a page of 830 pixels and
/// follows the reader's choice of a light or a dark page.
public struct DotChart {
  /// What something takes: a dot at `middle`, and a line from `low` to `high`.
  public struct Row: Sendable {
    var name: String
    var low, middle, high: Double
    var isOurs: Bool

    /// `isOurs` fills the dot, as for everything that this project makes.
    public init(name: String, low: Double, middle: Double, high: Double, isOurs: Bool) {
      self.name = name
      self.low = low
      self.middle = middle
      self.high = high
      self.isOurs = isOurs
    }
  }

  /// Rows under one heading.
  public struct Group: Sendable {
    var name: String
    var rows: [Row]

    public init(name: String, rows: [Row]) {
      self.name = name
      self.rows = rows
    }
  }

  /// Groups below each other, on one axis.
  public struct Panel: Sendable {
    var name: String
    var unit: String
    var limit: Double?
    var groups: [Group]

    /// `unit` stands at the axis. `limit` is the lowest value that is possible, drawn as a line through all groups.
    public init(name: String, unit: String, limit: Double? = nil, groups: [Group]) {
      self.name = name
      self.unit = unit
      self.limit = limit
      self.groups = groups
    }

    var rows: [Row] { groups.flatMap(\.rows) }
    var height: Int { 64 + groups.reduce(0) { $0 + 26 + $1.rows.count * DotChart.rowHeight } }
  }

  static let rowHeight = 14
  private static let (width, numbers, top) = (820, 60, 60)

  private let title: String
  private let note: String
  private let panels: [Panel]
  private let sharesScale: Bool
  /// Where the axis begins: pixels for the names of rows.
  private let start: Int

  /// `note` is the line below the title. Panels that are compared share one scale.
  public init(title: String, note: String, panels: [Panel], sharesScale: Bool) {
    self.title = title
    self.note = note
    self.panels = panels
    self.sharesScale = sharesScale
    start = 30 + 6 * (panels.flatMap(\.rows).map(\.name.count).max() ?? 0)
  }

  private var plot: Int { Self.width - start - Self.numbers }

  /// The picture, an SVG file's text.
  public var svg: String {
    let height = Self.top + panels.reduce(0) { $0 + $1.height }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(Self.width) \(height)\" font-family=\"sans-serif\" font-size=\"11\">",
      """
      <style>
      .page { fill: #fff } text { fill: #222 } .grid { stroke: #ddd } .spread { stroke: #666; stroke-width: 1.5 }
      .limit { stroke: #b2182b; stroke-dasharray: 4 3 } .ours { fill: #08519c; stroke: #08519c } .other { fill: #fff; stroke: #08519c }
      @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .spread { stroke: #9198a1 }
      .limit { stroke: #ff7b72 } .ours { fill: #79c0ff; stroke: #79c0ff } .other { fill: #0d1117; stroke: #79c0ff }
      }
      </style>
      """,
      "<rect class=\"page\" width=\"\(Self.width)\" height=\"\(height)\"/>",
      text(title, x: 12, y: 24, "font-size=\"16\""), text(note, x: 12, y: 42, ""),
    ]
    var top = Self.top
    for panel in panels {
      lines += drawing(of: panel, top: top, ChartAxis(of: sharesScale ? panels.flatMap(\.rows) : panel.rows))
      top += panel.height
    }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private func drawing(of panel: Panel, top: Int, _ axis: ChartAxis) -> [String] {
    let bottom = top + panel.height - 40
    func x(_ value: Double) -> Int { start + Int((axis.position(of: value) * Double(plot)).rounded()) }
    var lines = [text(panel.name, x: start, y: top + 14, "font-size=\"13\" font-weight=\"bold\"")]
    let ticks = axis.powers.map { power in
      start + (power - axis.powers.lowerBound) * plot / (axis.powers.upperBound - axis.powers.lowerBound)
    }
    for (place, power) in zip(ticks, axis.powers) {
      lines.append(text(ChartAxis.text(power), x: place, y: bottom + 14, "text-anchor=\"middle\""))
    }
    lines.append(text("\(panel.unit), logarithmic", x: start + plot / 2, y: bottom + 30, "text-anchor=\"middle\""))
    var y = top + 20
    for group in panel.groups {
      if !group.name.isEmpty { lines.append(text(group.name, x: 12, y: y + 14, "font-weight=\"bold\"")) }
      y += 20
      // No line goes through a heading.
      let end = y + group.rows.count * Self.rowHeight
      lines += ticks.map { line($0, y, $0, end, "grid") }
      if let limit = panel.limit { lines.append(line(x(limit), y, x(limit), end, "limit")) }
      for row in group.rows {
        let middle = y + Self.rowHeight / 2
        let number = ChartAxis.text(row.middle)
        lines.append(text(row.name, x: start - 8, y: middle + 4, "text-anchor=\"end\""))
        lines.append(line(x(row.low), middle, x(row.high), middle, "spread"))
        lines.append(
          "<circle class=\"\(row.isOurs ? "ours" : "other")\" cx=\"\(x(row.middle))\" cy=\"\(middle)\" r=\"4\">"
            + "<title>\(row.name.escapingMarkup): \(number)</title></circle>")
        // Right of the axis, where no line is.
        lines.append(text(number, x: Self.width - 8, y: middle + 4, "text-anchor=\"end\""))
        y += Self.rowHeight
      }
      y += 6
    }
    return lines
  }

  private func text(_ content: String, x: Int, y: Int, _ extra: String) -> String {
    "<text x=\"\(x)\" y=\"\(y)\"\(extra.isEmpty ? "" : " " + extra)>\(content.escapingMarkup)</text>"
  }

  private func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ kind: String) -> String {
    "<line class=\"\(kind)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>"
  }
}

extension String {
  /// This text with `&` and `<` escaped, which have a meaning in SVG.
  package var escapingMarkup: String { replacing("&", with: "&amp;").replacing("<", with: "&lt;") }
}
