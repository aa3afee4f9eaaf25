// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Programs at another time")
struct VirtualTimeProgramTests {
  private static let loader = ProgramTests.loader

  /// The output of Tests/Fixtures/programs/clocks.c: readings in nanoseconds before and after its sleep.
  private struct Clocks {
    var before: [String: Int64] = [:]
    var after: [String: Int64] = [:]

    init(_ options: [String], compiler: [String] = ["gcc"]) throws {
      let directory = try TemporaryDirectory()
      let program = try Fixtures.compile("programs/clocks.c", with: compiler, in: directory)
      let result = try Command.run([VirtualTimeProgramTests.loader] + options + [program])
      #expect(result.status == 0, "\(result.output)")
      // A warning is printed for a static 32-bit program, because it doesn't show whether its time_t has 64 bits.
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

  @Test("vdso-faketime understands the command line of faketime")
  func faketime() throws {
    func run(_ arguments: [String]) throws -> Command.Result {
      try Command.run(
        [Fixtures.package + "/Scripts/vdso-faketime"] + arguments, environment: ["DEMO_LOADER": ProgramTests.loader])
    }
    let twice = ["sh", "-c", "date -u +%s; sleep 1.1; date -u +%s"]
    #expect(try run(["-f", "2001-02-03 04:05:06 UTC"] + twice).output == "981173106\n981173106\n", "a date stands")
    let moving = try run(["-m", "-f", "@2001-02-03 04:05:06 UTC"] + twice)
    #expect(moving.output != "981173106\n981173106\n" && moving.output.hasPrefix("98117310"), "\(moving.output)")
    let words = try run(["3 Feb 2001 04:05:06 UTC", "date", "+%s"])
    #expect(words.status == 0 && words.output.hasPrefix("98117310"), "\(words.output)")
    let uptime = ["/usr/bin/python3", "-c", "import time; print(time.monotonic() > 3 * 86400)"]
    let host = try Command.run(uptime).output
    #expect(try run(["-f", "+3d x2,0"] + uptime).output == "True\n")
    #expect(try run(["--exclude-monotonic", "-f", "+3d"] + uptime).output == host)
    let year = try #require(Int(Command.run(["date", "-d", "-365 days", "+%s"]).output.dropLast()))
    let behind = try #require(Int(run(["-f", "-1y", "date", "+%s"]).output.dropLast()))
    #expect((year...year + 60).contains(behind))
    #expect(try run(["-f", "+0", "sh", "-c", "exit 7"]).status == 7)
    let age = ["sh", "-c", "expr \\( $(date +%s) - $(stat -c %Y /etc/passwd) \\) / 86400"]
    let days = try Command.run(age).output
    for (time, isSame) in [("+1000d", true), ("@1990-01-01", true), ("+1000d x1", false)] {
      #expect(try (run(["-f", time] + age).output == days) == isSame, "\(time)")
    }
    for (arguments, reason) in [
      (["-p", "1", "+1d"], "process ids"), (["-f", "%", "date"], "give a date"),
      (["gibberish", "date"], "does not understand"),
      (["+1d"], "a program are needed"), (["--nonsense", "+1d", "date"], "unknown option"),
    ] {
      let result = try run(arguments)
      #expect(result.status == 125 && result.output.contains(reason), "\(arguments): \(result.output)")
    }
    #expect(try run(["--help"]).status == 0)
  }

  @Test("understands times in the words of date(1), and prints them under --verbose")
  func words() throws {
    for (text, meaning) in [
      ("19 Jan 2038 03:14 UTC", "@2038-01-19T03:14:00Z"), ("=2001-02-03 4 pm UTC", "=2001-02-03T16:00:00Z"),
      ("@3 March 2031 UTC x0.001", "@2031-03-03T00:00:00Z x0.001"),
    ] {
      let date = String(meaning.dropFirst().prefix(20))
      let shown = ["date", "-u", "+%Y-%m-%dT%H:%M:00Z"]
      let result = try Command.run([ProgramTests.loader, "--time", text] + shown)
      #expect(result.status == 0 && result.output == date + "\n", "\(text): \(result.output)")
      let told = try Command.run([ProgramTests.loader, "-v", "--time", text] + shown)
      #expect(told.output.contains("understood as \(meaning)\n"), "\(told.output)")
    }
    let days = try Command.run([ProgramTests.loader, "--time", "+3 days", "date", "+%s"])
    #expect(try #require(Int(days.output.dropLast())) > Int(Date().timeIntervalSince1970) + 259_000)
    for text in ["gibberish", "x", "+3q", "10", "friday the nonsense"] {
      let result = try Command.run([ProgramTests.loader, "--time", text, "echo", "started"])
      #expect(result.status == 125 && result.output.contains("^"), "\(text): \(result.output)")
    }
  }

  @Test("shows a frozen date on every clock that has a date, while monotonic time goes on", arguments: ProgramKind.all)
  func frozen(kind: ProgramKind) throws {
    // A program with a 64-bit time_t gets the first second that 32 bits can't represent.
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
    "shows seconds above 32 bits to a 32-bit program with 64-bit time",
    arguments: ProgramKind.all.filter { $0.name.hasPrefix("i386") })
  func year2038(kind: ProgramKind) throws {
    let compiler = kind.compiler + ["-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64"]
    for (date, seconds) in [("2038-01-19T03:14:08Z", 2_147_483_648), ("2106-02-07T06:28:16Z", 4_294_967_296)] {
      let clocks = try Clocks(["--time", "=\(date)"], compiler: compiler)
      for name in Self.dateClocks { #expect(clocks.before[name] == Int64(seconds) * Self.second, "\(name)") }
    }
  }

  @Test("shows a date that is ahead of the host's by the offset", arguments: ["host", "tsc", "tick"])
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

  @Test("runs all clocks at a rate, and with --clock REALTIME only dates")
  func rate() throws {
    let dates = try Clocks(["--time", "@2000-01-01T00:00:00Z x1000", "--clock", "REALTIME"])
    #expect(dates.before["REALTIME"]! >= 946_684_800 * Self.second)
    for name in ["REALTIME", "TAI", "gettimeofday"] {
      #expect(dates.elapsed(name) >= 20 * Self.second, "\(name)")
      #expect(dates.elapsed(name) >= dates.elapsed("MONOTONIC"), "\(name)")
    }
    // The sleep itself lasts as long as on the host.
    let all = try Clocks(["--time", "x1000", "--no-strict"])
    for name in ["REALTIME", "TAI", "MONOTONIC", "BOOTTIME", "MONOTONIC_RAW", "gettimeofday"] {
      #expect(all.elapsed(name) >= 20 * Self.second, "\(name)")
    }
  }

  @Test("shows another time to date, a shell's built-in, Go and python")
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

  /// A zone, a local time in it, and that time in Greenwich.
  private static let localTimes = [
    ("Europe/Berlin", "2024-07-01 12:00:00", "2024-07-01T10:00:00Z"),
    ("Europe/Berlin", "2024-01-01", "2023-12-31T23:00:00Z"),
    ("America/New_York", "2024-07-01 12:00", "2024-07-01T16:00:00Z"),
    // The clocks are set back from 3:00 to 2:00. The first of the two times counts.
    ("Europe/Berlin", "2024-10-27 02:30:00", "2024-10-27T00:30:00Z"),
  ]

  @Test("interprets local dates by the zone database, and refuses a time that the clocks skip")
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

  @Test("refuses a wrong time specification, with a caret under the wrong character")
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

  @Test(
    "reads local dates as date(1) does, whether the zone is a file's name, a rule, or a rule without dates",
    arguments: [
      "Europe/Berlin", ":Europe/Berlin", "EST5EDT", "PST8PDT", "XXX5YYY", "<-05>5<-04>", "XXX5YYY4,M4.1.0,M10.5.0",
      "MST7", "",
    ])
  func zones(zone: String) throws {
    for date in ["2001-02-03 12:00", "2030-07-04 23:59"] {
      let format = "+%F %H"
      let local = try Command.run(["date", "-d", date, "+@%s"], environment: ["TZ": zone])
      let utc = try Command.run([
        "date", "-u", "-d", local.output.trimmingCharacters(in: .whitespacesAndNewlines), format,
      ])
      #expect(local.status == 0)
      let result = try Command.run(
        [ProgramTests.loader, "--time", date, "date", "-u", format], environment: ["TZ": zone])
      #expect(result.output == utc.output, "\(zone), \(date)")
    }
  }

}
