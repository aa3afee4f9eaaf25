// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Makes tables of the lines "kind, name, number" on standard input, which `Scripts/bench-peers` has measured.
@main
struct Main {
  /// The figures of one peer, in the order of its lines.
  private struct Peer {
    var kind: String
    var name: String
    var numbers: [Double]

    var median: Double { numbers.sorted()[numbers.count / 2] }

    /// The median with the range, to so many digits after the point.
    func text(_ decimals: Int) -> String {
      let words = [median, numbers.min()!, numbers.max()!].map { String(format: "%.\(decimals)f", $0) }
      return "\(words[0]) (\(words[1]) to \(words[2]))"
    }
  }

  static func main() throws {
    guard CommandLine.arguments.count == 2 else {
      print("usage: peer-report TABLE.md")
      exit(2)
    }
    var peers: [Peer] = []
    var notes: [String] = []
    var load = "unknown"
    while let line = readLine() {
      let cells = line.split(separator: "\t").map(String.init)
      if cells.count == 2, cells[0] == "resolver" { notes.append(cells[1]) }
      if cells.count == 2, cells[0] == "load" { load = cells[1] }
      guard cells.count == 3, let number = Double(cells[2]) else { continue }
      if let index = peers.firstIndex(where: { $0.kind == cells[0] && $0.name == cells[1] }) {
        peers[index].numbers.append(number)
      } else {
        peers.append(Peer(kind: cells[0], name: cells[1], numbers: [number]))
      }
    }
    try table(peers, notes, load: load).write(toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
  }

  private static func table(_ peers: [Peer], _ notes: [String], load: String) -> String {
    """
    # Comparison with similar programs

    `make bench-peers` writes this page. It runs all programs in turns; the values are medians of the runs, with their range. The ratios hold on other machines, the times don't.
    Starts of programs take longer, and more so with a supervisor, beside other work: the load average was \(load) when the runs began.

    ![This project and its peers](peers.svg)

    ## Reading CLOCK_REALTIME

    \(rows(peers, "call", head: "a reading, nanoseconds", base: "kernel's page", decimals: 1))

    ## A whole program, from start to end

    \(rows(peers, "start", head: "start to end, milliseconds", base: "faketime /bin/true", decimals: 2))

    ## Peak memory

    \(rows(peers, "memory", head: "peak memory, KiB", base: "/bin/true", decimals: 0))

    ## Finding functions in a page

    The peer is a C program that finds the same names by GNU hash and checks nothing
    ([reference.c](../Benchmarks/ReferenceResolver/reference.c)):

    \(notes.map { "- " + $0 }.joined(separator: "\n"))

    """
  }

  private static func rows(_ peers: [Peer], _ kind: String, head: String, base: String, decimals: Int) -> String {
    let rows = peers.filter { $0.kind == kind }
    let reference = rows.first { $0.name == base }?.median ?? 1
    return
      (["| | \(head) | of \(base) |", "|---|---|---|"]
      + rows.map { peer in
        "| \(peer.name) | \(peer.text(decimals)) | \(String(format: "%.2f", peer.median / reference)) |"
      }).joined(separator: "\n")
  }
}
