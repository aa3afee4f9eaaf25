// SPDX-License-Identifier: Apache-2.0

import Charts
import Foundation

/// Makes a table and a picture of the lines "kind, name, number" on standard input, which `Scripts/bench-peers` has measured.
@main
struct Main {
  /// The figures of one peer, in the order of its lines.
  private struct Peer {
    var kind: String
    var name: String
    var numbers: [Double]

    var median: Double { numbers.sorted()[numbers.count / 2] }
    var isOurs: Bool { name.hasPrefix("our ") }

    var row: DotChart.Row {
      DotChart.Row(name: name, low: numbers.min()!, middle: median, high: numbers.max()!, isOurs: isOurs)
    }
  }

  static func main() throws {
    guard CommandLine.arguments.count == 3 else {
      print("usage: peer-report TABLE.md PICTURE.svg")
      exit(2)
    }
    var peers: [Peer] = []
    var notes: [String] = []
    while let line = readLine() {
      let cells = line.split(separator: "\t").map(String.init)
      if cells.count == 2, cells[0] == "resolver" { notes.append(cells[1]) }
      guard cells.count == 3, let number = Double(cells[2]) else { continue }
      if let index = peers.firstIndex(where: { $0.kind == cells[0] && $0.name == cells[1] }) {
        peers[index].numbers.append(number)
      } else {
        peers.append(Peer(kind: cells[0], name: cells[1], numbers: [number]))
      }
    }
    let picture = CommandLine.arguments[2]
    try table(peers, notes, picture: URL(fileURLWithPath: picture).lastPathComponent)
      .write(toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
    try chart(peers).svg.write(toFile: picture, atomically: true, encoding: .utf8)
  }

  private static func table(_ peers: [Peer], _ notes: [String], picture: String) -> String {
    """
    # Comparison with similar programs

    `make bench-peers` writes this page. It runs all programs in turns; the values are medians of the runs. The ratios hold on other machines, the times don't.

    ![The same values as a picture](\(picture))

    ## Reading CLOCK_REALTIME

    \(rows(peers, "call", unit: "nanoseconds", base: "kernel's page", decimals: 1))

    ## A whole program, from start to end

    \(rows(peers, "start", unit: "milliseconds", base: "faketime /bin/true", decimals: 2))

    ## Peak memory

    \(rows(peers, "memory", unit: "KiB", base: "/bin/true", decimals: 0))

    ## Finding functions in a page

    The peer is a C program that finds the same names by GNU hash and checks nothing
    ([reference.c](../Benchmarks/ReferenceResolver/reference.c)):

    \(notes.map { "- " + $0 }.joined(separator: "\n"))

    """
  }

  private static func rows(_ peers: [Peer], _ kind: String, unit: String, base: String, decimals: Int) -> String {
    let rows = peers.filter { $0.kind == kind }
    let reference = rows.first { $0.name == base }?.median ?? 1
    return
      (["| | \(unit) | of \(base) |", "|---|---|---|"]
      + rows.map { peer in
        "| \(peer.name) | \(String(format: "%.\(decimals)f", peer.median)) "
          + "| \(String(format: "%.2f", peer.median / reference)) |"
      }).joined(separator: "\n")
  }

  private static func chart(_ peers: [Peer]) -> DotChart {
    func panel(_ name: String, _ unit: String, _ kind: String) -> DotChart.Panel {
      DotChart.Panel(
        name: name, unit: unit, groups: [DotChart.Group(name: "", rows: peers.filter { $0.kind == kind }.map(\.row))])
    }
    return DotChart(
      title: "This project (filled) and its peers", note: "median, with the range of the runs",
      panels: [
        panel("A reading of CLOCK_REALTIME", "nanoseconds", "call"),
        panel("Start and end of a program", "milliseconds", "start"),
        panel("Peak memory", "KiB", "memory"),
      ], sharesScale: false)
  }
}
