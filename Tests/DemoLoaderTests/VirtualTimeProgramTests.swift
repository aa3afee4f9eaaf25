import Foundation
import TestSupport
import Testing

@Suite("Programs at another time")
struct VirtualTimeProgramTests {
  private static let loader = ProgramTests.loader

  /// What Tests/Fixtures/programs/clocks.c told, in nanoseconds: before its sleep, and after.
  private struct Clocks {
    var before: [String: Int64] = [:]
    var after: [String: Int64] = [:]

    init(_ options: [String], compiler: [String] = ["gcc"]) throws {
      let directory = try TemporaryDirectory()
      let program = try Fixtures.compile("programs/clocks.c", with: compiler, in: directory)
      let result = try Command.run([VirtualTimeProgramTests.loader] + options + [program])
      #expect(result.status == 0, "\(result.output)")
      // A static 32-bit program doesn't show that it asks for 64-bit time: a warning.
      for line in result.output.split(separator: "\n") where !line.hasPrefix("demo-loader: ") {
        let words = line.split(separator: " ")
        let time = try #require(words.count == 3 ? Int64(words[1] + words[2]) : nil, "\(result.output)")
        if before[String(words[0])] == nil { before[String(words[0])] = time } else { after[String(words[0])] = time }
      }
      try #require(before.count == 8 && after.count == 8)
    }

    func elapsed(_ name: String) -> Int64 { after[name]! - before[name]! }
  }

  private static let dateClocks = ["REALTIME", "REALTIME_COARSE", "gettimeofday", "time"]
  private static let second: Int64 = 1_000_000_000

  @Test("see a frozen date on every clock that tells one, and monotonic time goes on", arguments: ProgramKind.all)
  func frozen(kind: ProgramKind) throws {
    // The first second that 32 bits can't tell, where the program has more.
    let (date, seconds): (String, Int64) =
      kind.name.hasPrefix("i386") ? ("2000-02-29T12:00:00Z", 951_825_600) : ("2038-01-19T03:14:08Z", 2_147_483_648)
    for source in ["host", "tsc"] {
      let clocks = try Clocks(["--time", "=\(date)", "--clock-source", source], compiler: kind.compiler)
      for name in Self.dateClocks {
        #expect(clocks.before[name] == seconds * Self.second, "\(name)")
        #expect(clocks.after[name] == clocks.before[name], "\(name)")
      }
      #expect(clocks.elapsed("MONOTONIC") >= 20_000_000)
    }
  }

  @Test(
    "see the seconds that 32 bits can't tell where a 32-bit program asks for 64-bit time",
    arguments: ProgramKind.all.filter { $0.name.hasPrefix("i386") })
  func year2038(kind: ProgramKind) throws {
    let compiler = kind.compiler + ["-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64"]
    for (date, seconds) in [("2038-01-19T03:14:08Z", 2_147_483_648), ("2106-02-07T06:28:16Z", 4_294_967_296)] {
      let clocks = try Clocks(["--time", "=\(date)"], compiler: compiler)
      for name in Self.dateClocks { #expect(clocks.before[name] == Int64(seconds) * Self.second, "\(name)") }
    }
  }

  @Test("see the date that far ahead of the host's", arguments: ["host", "tsc", "tick"])
  func offset(source: String) throws {
    let before = Int64(Date().timeIntervalSince1970)
    let clocks = try Clocks(["--time", "+3d", "--clock-source", source])
    let after = Int64(Date().timeIntervalSince1970)
    for name in Self.dateClocks {
      // A coarse clock may be a tick behind.
      let seconds = clocks.after[name]! / Self.second
      #expect((before + 259_199...after + 259_200).contains(seconds), "\(name)")
    }
    #expect(abs(clocks.before["MONOTONIC"]! - clocks.before["BOOTTIME"]!) < 86_400 * Self.second)
  }

  @Test("see dates go at a rate, and with --clock all monotonic time too")
  func rate() throws {
    let dates = try Clocks(["--time", "@2000-01-01T00:00:00Z x1000"])
    #expect(dates.before["REALTIME"]! >= 946_684_800 * Self.second)
    for name in ["REALTIME", "TAI", "gettimeofday"] {
      #expect(dates.elapsed(name) >= 20 * Self.second, "\(name)")
      #expect(dates.elapsed(name) >= dates.elapsed("MONOTONIC"), "\(name)")
    }
    // The sleep itself lasts as long as the host says.
    let all = try Clocks(["--time", "x1000", "--clock", "all"])
    for name in ["REALTIME", "TAI", "MONOTONIC", "BOOTTIME", "MONOTONIC_RAW", "gettimeofday"] {
      #expect(all.elapsed(name) >= 20 * Self.second, "\(name)")
    }
  }

  @Test("may be date, a shell's built-in, Go's, or python's")
  func programs() throws {
    let directory = try TemporaryDirectory()
    let environment = ["GO111MODULE": "off", "HOME": directory.path, "GOCACHE": "\(directory.path)/cache"]
    let build = try Command.run(
      ["go", "build", "-o", "\(directory.path)/date", Fixtures.path("programs/date.go")], environment: environment)
    #expect(build.status == 0, "\(build.output)")
    for command in [
      ["date", "-u", "+%Y-%m-%dT%H:%M:%SZ"], ["\(directory.path)/date"],
      ["bash", "-c", "TZ=UTC0 printf '%(%Y-%m-%dT%H:%M:%SZ)T\n' -1"],
      ["/usr/bin/python3", "-c", "import time; print(time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()))"],
      ["busybox", "date", "-u", "+%Y-%m-%dT%H:%M:%SZ"],
    ] {
      let result = try Command.run([Self.loader, "--time", "=2000-02-29T12:00:00Z"] + command)
      #expect(result.output == "2000-02-29T12:00:00Z\n", "\(command)")
    }
  }

  /// A zone, a local time in it, and what that is in Greenwich.
  private static let localTimes = [
    ("Europe/Berlin", "2024-07-01 12:00:00", "2024-07-01T10:00:00Z"),
    ("Europe/Berlin", "2024-01-01", "2023-12-31T23:00:00Z"),
    ("America/New_York", "2024-07-01 12:00", "2024-07-01T16:00:00Z"),
    // The clocks are set back from 3:00 to 2:00: of two, the first.
    ("Europe/Berlin", "2024-10-27 02:30:00", "2024-10-27T00:30:00Z"),
  ]

  @Test("see local dates by the zone database, and aren't started at a time that the clocks skip")
  func localTimes() throws {
    for (zone, written, date) in Self.localTimes {
      let result = try Command.run(
        [Self.loader, "--time", "=\(written)", "date", "-u", "+%Y-%m-%dT%H:%M:%SZ"], environment: ["TZ": zone])
      #expect(result.output == "\(date)\n", "\(zone) \(written)")
    }
    let skipped = try Command.run(
      [Self.loader, "--time", "@2024-03-31 02:30:00", "echo", "started"], environment: ["TZ": "Europe/Berlin"])
    #expect(skipped.status == 125 && skipped.output.contains("skip this time"), "\(skipped.output)")
  }

  @Test("aren't started for a specification that is wrong: the caret stands under the offending character")
  func refusals() throws {
    let typo = try Command.run([Self.loader, "--time", "+3q", "echo", "started"])
    #expect(typo.status == 125)
    #expect(typo.output.hasPrefix("demo-loader: --time: there is no unit 'q'"), "\(typo.output)")
    #expect(typo.output.hasSuffix("\n  +3q\n    ^\n"), "\(typo.output)")
    let early = try Command.run([Self.loader, "--time", "-100y", "echo", "started"])
    #expect(early.status == 125 && early.output.contains("1970 to 2261"), "\(early.output)")
    let back = try Command.run([Self.loader, "--time", "-2h30m", "true"])
    #expect(back.status == 0, "a dash starts no option here: \(back.output)")
    let alone = try Command.run([Self.loader, "--clock", "all", "echo", "started"])
    #expect(alone.status == 125 && !alone.output.contains("started"), "\(alone.output)")
  }
}
