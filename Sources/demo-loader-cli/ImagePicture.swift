// SPDX-License-Identifier: Apache-2.0

import Charts
import ELF
import SimulatedKernel

/// A picture of a code page: 64 rows of 64 bytes, each byte in the color of its purpose. It can be read in print and on a dark page.
struct ImagePicture {
  private static let (cell, left, top, rowLength) = (10, 60, 46, 64)

  let page: CodePage
  let layout: ImageLayout

  var svg: String {
    let rows = page.bytes.count / Self.rowLength
    let height = Self.top + rows * Self.cell + 90
    let used = page.bytes.count - layout.free
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"\(height)\" font-family=\"sans-serif\" font-size=\"12\">",
      """
      <style>
      .page { fill: #fff } text { fill: #222 } .free { fill: #eee }
      @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } .free { fill: #30363d }
      }
      </style>
      """,
      "<rect class=\"page\" width=\"720\" height=\"\(height)\"/>",
      "<text x=\"\(Self.left)\" y=\"24\" font-size=\"15\">The \(page.architecture) code page: \(used) of \(page.bytes.count) bytes used"
        + "</text>",
    ]
    for row in stride(from: 0, to: rows, by: 4) {
      let y = Self.top + row * Self.cell + 9
      lines.append(
        "<text x=\"\(Self.left - 6)\" y=\"\(y)\" text-anchor=\"end\" font-family=\"monospace\" font-size=\"10\">"
          + "\(hexadecimal(row * Self.rowLength))</text>")
    }
    for region in layout.regions {
      lines.append("<g \(Self.fill(region.kind))><title>\(title(region).escapingMarkup)</title>")
      lines += pieces(region).map { piece in
        let (x, y) = (Self.left + piece.column * Self.cell, Self.top + piece.row * Self.cell)
        return "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(piece.size * Self.cell)\" height=\"\(Self.cell - 1)\"/>"
      }
      lines.append("</g>")
    }
    for (index, kind) in ImageLayout.Kind.allCases.enumerated() {
      let (x, y) = (Self.left + index % 3 * 213, Self.top + rows * Self.cell + 16 + index / 3 * 22)
      let bytes = layout.regions.filter { $0.kind == kind }.reduce(0) { $0 + $1.size }
      lines.append(
        "<rect x=\"\(x)\" y=\"\(y)\" width=\"10\" height=\"10\" \(Self.fill(kind)) stroke=\"#999\"/>"
          + "<text x=\"\(x + 15)\" y=\"\(y + 10)\" font-size=\"11\">\(kind.rawValue) (\(bytes))</text>")
    }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  /// The parts of a region that lie in one row each.
  private func pieces(_ region: ImageLayout.Region) -> [(row: Int, column: Int, size: Int)] {
    var pieces: [(row: Int, column: Int, size: Int)] = []
    var start = region.start
    let end = region.start + region.size
    while start < end {
      let rowEnd = min(end, (start / Self.rowLength + 1) * Self.rowLength)
      pieces.append((start / Self.rowLength, start % Self.rowLength, rowEnd - start))
      start = rowEnd
    }
    return pieces
  }

  private func title(_ region: ImageLayout.Region) -> String {
    "\(region.name): \(region.size) bytes from \(hexadecimal(region.start))"
  }

  /// The colors differ in lightness too, for print without colors.
  private static func fill(_ kind: ImageLayout.Kind) -> String {
    let color =
      switch kind {
      case .headers: "#4e79a7"
      case .symbols: "#a0cbe8"
      case .unwinding: "#b6992d"
      case .slots: "#d62728"
      case .mach: "#f28e2b"
      case .host: "#ffbe7d"
      case .code: "#59a14f"
      case .free: ""
      }
    return kind == .free ? "class=\"free\"" : "fill=\"\(color)\""
  }
}
