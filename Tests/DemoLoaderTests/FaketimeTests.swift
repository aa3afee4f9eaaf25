// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("vdso-faketime compared with libfaketime's documentation")
struct FaketimeTests {
  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Command.Result {
    try Command.run(
      [Fixtures.package + "/Scripts/vdso-faketime"] + arguments,
      environment: environment.merging(["DEMO_LOADER": ProgramTests.loader]) { $1 })
  }

  private func numbers(_ result: Command.Result) throws -> [Double] {
    try #require(result.status == 0, "\(result.output)")
    return result.output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
  }

  /// A command that reads the date by three calls, waits, and reads it again.
  private static let twice = [
    "perl", "-MTime::HiRes=time,sleep,clock_gettime,CLOCK_REALTIME,CLOCK_MONOTONIC", "-e",
    "print CORE::time, ' ', time, ' ', clock_gettime(CLOCK_REALTIME), ' ', clock_gettime(CLOCK_MONOTONIC), \"\\n\"; "
      + "sleep 1.2; print CORE::time, ' ', clock_gettime(CLOCK_MONOTONIC)",
  ]

  @Test("vdso-faketime takes offsets with a sign, a fraction and a unit")
  func offsets() throws {
    for (spec, seconds) in [
      ("-10", -10), ("+90", 90), ("-2m", -120), ("+1.5h", 5400), ("+1,5h", 5400), ("-15d", -1_296_000),
      ("+10y", 315_360_000),
    ] as [(String, Double)] {
      let host = Date().timeIntervalSince1970
      let dates = try numbers(run(["-f", spec] + Self.twice))
      let end = Date().timeIntervalSince1970
      // The result of time() may be a tick behind.
      #expect(
        dates[0...2].allSatisfy { (floor(host + seconds - 0.01)...end + seconds).contains($0) }, "\(spec) \(dates)")
      #expect(dates[4] > dates[0], "\(spec) \(dates)")
    }
  }

  @Test("vdso-faketime stops at an absolute date, and starts from one with @")
  func dates() throws {
    let standing = try numbers(run(["-f", "2003-01-01 10:00:05"] + Self.twice, ["TZ": "UTC"]))
    #expect(standing[0...2].allSatisfy { $0 == 1_041_415_205 } && standing[4] == standing[0], "\(standing)")
    let going = try numbers(run(["-f", "@2005-03-29 14:14:14"] + Self.twice, ["TZ": "UTC"]))
    #expect(going[0...2].allSatisfy { (1_112_105_654..<1_112_105_714).contains($0) } && going[4] > going[0], "\(going)")
  }

  @Test("vdso-faketime applies a rate to clocks and waits, and a step at each reading")
  func rates() throws {
    let fast = try numbers(run(["-f", "+0 x10"] + Self.twice))
    #expect(fast[5] - fast[3] >= 1.2, "a sleep ends by the program's own clock: \(fast)")
    let host = Date()
    #expect(try run(["-f", "+1y x20", "sleep", "40"]).status == 0)
    #expect(Date().timeIntervalSince(host) < 30)
    let slow = Date()
    #expect(try run(["-f", "x0.5", "sleep", "0.5"]).status == 0)
    #expect(Date().timeIntervalSince(slow) >= 1)
    let steps = try numbers(run(["-f", "@2001-09-09 01:46:40 i2.0", "sh", "-c", "date +%s; date +%s"], ["TZ": "UTC"]))
    #expect(steps[1] > steps[0] && (steps[1] - steps[0]).truncatingRemainder(dividingBy: 2) == 0, "\(steps)")
  }

  @Test("vdso-faketime moves monotonic clocks unless an option or variable excludes them")
  func monotonic() throws {
    let uptime = Self.twice
    let host = try numbers(Command.run(uptime))[3]
    #expect(try numbers(run(["-f", "+10d"] + uptime))[3] > host + 800_000)
    #expect(try numbers(run(["--exclude-monotonic", "-f", "+10d"] + uptime))[3] < host + 800_000)
    #expect(try numbers(run(["-f", "+10d"] + uptime, ["FAKETIME_DONT_FAKE_MONOTONIC": "1"]))[3] < host + 800_000)
  }

  @Test("vdso-faketime moves file times with the date, except under NO_FAKE_STAT, and stat shows what touch sets")
  func files() throws {
    let directory = try TemporaryDirectory()
    let script = "touch \"$0\"; expr $(date +%s) - $(stat -c %Y \"$0\"); touch -d @1000000000 \"$0\"; stat -c %Y \"$0\""
    for (environment, skew) in [([:], 0.0...60), (["NO_FAKE_STAT": "1"], 863_990...864_060)]
      as [([String: String], ClosedRange<Double>)]
    {
      let found = try numbers(run(["-f", "+10d", "sh", "-c", script, directory.path + "/a"], environment))
      #expect(found.count == 2 && skew.contains(found[0]) && found[1] == 1_000_000_000, "\(found)")
    }
  }

  @Test("vdso-faketime without -f uses date(1), and passes children, arguments and exit status through")
  func words() throws {
    let year = try numbers(run(["last year", "sh", "-c", "sh -c 'date +%Y'"]))
    #expect(try year == numbers(Command.run(["date", "-d", "last year", "+%Y"])))
    let friday = try numbers(run(["last friday 5 pm", "date", "+%u%H"]))
    #expect(friday == [517])
    let result = try run(["-f", "+1d", "sh", "-c", "printf '%s|' \"$@\"; exit 3", "sh", "a b", "-f", ""])
    #expect(result.status == 3 && result.output == "a b|-f||")
  }

  @Test("vdso-faketime refuses what it doesn't support, with a message")
  func refusals() throws {
    for variable in [
      "FAKETIME_TIMESTAMP_FILE", "FAKETIME_START_AFTER_SECONDS", "FAKETIME_ONLY_CMDS", "FAKERANDOM_SEED",
    ] {
      let result = try run(["-f", "+1d", "echo", "started"], [variable: "1"])
      #expect(result.status == 125 && result.output.contains(variable), "\(result.output)")
    }
  }
}
