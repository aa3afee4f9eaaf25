// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("demo-loader bench")
struct BenchTests {
  private let options = ["bench", "--rounds", "8", "--calls", "50"]

  @Test("bench times every call in every way, in 64-bit and 32-bit programs, and the bare counter read")
  func json() throws {
    let result = try Command.run([ProgramTests.loader] + options + ["--json"])
    let calls = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    for bits in [64, 32] {
      let rows = calls.filter { $0["bits"] as? Int == bits }
      #expect(rows.count == 7)
      for row in rows {
        let ways = try #require(row["ways"] as? [[String: Any]])
        var names = Set(ways.compactMap { $0["way"] as? String })
        let isFirst = row["call"] as? String == "clock_gettime(CLOCK_REALTIME)"
        #expect(names.isSuperset(of: ["lfence; rdtsc", "rdtscp"]) == isFirst)
        names.subtract(["lfence; rdtsc", "rdtscp", "libc"])
        let pages = ["tsc", "host", "tick", "fixed", "none"].map { "our page (\($0))" }
        let kernel = row["call"] as? String == "getpid" ? [] : ["kernel's page"]
        #expect(names == Set(["trap"] + pages + kernel))
        for way in ways {
          let spread = ["minimum", "median", "p90", "p99", "p999", "maximum"].map { way[$0] as? Double ?? -1 }
          #expect(spread[0] > 0 && spread == spread.sorted(), "\(row["call"]!), \(way)")
          #expect(way["samples"] as? Int == 8)
        }
      }
    }
  }

  @Test("bench measures that page calls cost less than system calls")
  func order() throws {
    let result = try Command.run([ProgramTests.loader] + options + ["--json"])
    let calls = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    for row in calls where row["call"] as? String == "getpid" {
      let (page, trap) = (row["ourPageByHost"] as? Double ?? .infinity, row["trap"] as? Double ?? 0)
      #expect(page < trap / 5)
    }
  }

  @Test("bench prints one value for each column in each line, and draws each dot")
  func files() throws {
    let directory = try TemporaryDirectory()
    let picture = "\(directory.path)/costs.svg"
    let result = try Command.run([ProgramTests.loader] + options + ["--csv", "--svg", picture])
    let lines = result.output.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(lines.count > 100 && lines.allSatisfy { $0.count == lines[0].count })
    let drawn = try String(contentsOfFile: picture, encoding: .utf8)
    #expect(drawn.components(separatedBy: "<title>").count - 1 == lines.count - 1)
    // Pages of documents are 830 pixels wide, and may be dark.
    let width = try #require(drawn.firstMatch(of: /<svg [^>]*width="([0-9]+)"/)).1
    #expect(try #require(Int(width)) <= 830 && drawn.contains("prefers-color-scheme: dark"))
    // Both panels have the same scale, so the axes' numbers stand at the same positions.
    let powers = drawn.matches(of: /<text x="([0-9]+)" y="[0-9]+" text-anchor="middle">([0-9.]+)</).map {
      "\($0.1) \($0.2)"
    }
    #expect(!powers.isEmpty && Set(powers).count * 2 == powers.count, "\(powers)")
    let documented = try String(contentsOfFile: "\(Fixtures.package)/docs/bench.svg", encoding: .utf8)
    #expect(
      Self.frame(of: documented) == Self.frame(of: drawn), "make docs/bench.svg again, as docs/performance.md says")
  }

  /// What a picture shows apart from quantities: its style and its words. Not each machine has libc's functions and `rdtscp`.
  private static func frame(of picture: String) -> [String] {
    let words = picture.matches(of: /<text [^>]*>([^<]*[a-z][^<]*)</).map { String($0.1) }
    let style = picture.firstMatch(of: /<style>(?:.|\n)*<\/style>/).map { String($0.0) } ?? "no style"
    return [style] + words.filter { $0 != "libc" && $0 != "rdtscp" }
  }

  @Test("bench times libc's functions under a preloaded library")
  func preloaded() throws {
    let directory = try TemporaryDirectory()
    // A time() that is slow on purpose.
    let source = "\(directory.path)/slow.c"
    try "long time(long *t) { for (volatile int i = 0; i < 20000; i++) {} return t ? *t = 1 : 1; }"
      .write(toFile: source, atomically: true, encoding: .utf8)
    let library = "\(directory.path)/slow.so"
    _ = try Command.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source])
    let result = try Command.run([ProgramTests.loader] + options + ["--csv", "--shim", library])
    let shim = result.output.split(separator: "\n").filter { $0.contains(",libc shim,") }.map {
      $0.split(separator: ",")
    }
    let medians = Dictionary(uniqueKeysWithValues: shim.map { ($0[1], Double($0[5]) ?? 0) })
    #expect(medians.count == 7)
    #expect(medians["time", default: 0] > 10 * medians["clock_gettime(CLOCK_REALTIME)", default: 0])
  }

  @Test(
    "bench rejects counts out of range", arguments: [["--rounds", "0"], ["--calls", "-1"], ["--calls", "1000000"]])
  func refusals(counts: [String]) throws {
    #expect(try Command.run([ProgramTests.loader, "bench"] + counts).status == 125)
  }
}
