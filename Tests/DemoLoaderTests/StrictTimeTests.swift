// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("System calls that bypass the page")
struct StrictTimeTests {
  private static let loader = ProgramTests.loader
  private static let i386 = ProgramKind.i386.compiler
  static let kinds = [
    ProgramKind(name: "glibc", compiler: ["gcc", "-pthread"]),
    ProgramKind(name: "musl, static", compiler: ["musl-gcc", "-static", "-pthread"]),
    ProgramKind(name: "i386", compiler: i386 + ["-pthread"]),
    ProgramKind(name: "i386, 64-bit time", compiler: i386 + ["-pthread", "-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64"]),
  ]

  /// A line of Tests/Fixtures/programs/waits.c about one kind of wait: its milliseconds by the program's clock, and by the host's.
  private struct Waited {
    var name: Substring
    var result: Substring
    var own: Int
    var host: Int
  }

  private func waits(
    _ kind: ProgramKind, _ options: [String], _ milliseconds: Int, _ ways: [String] = []
  ) throws -> [Waited] {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/waits.c", with: kind.compiler, in: directory)
    let result = try Command.run([Self.loader] + options + [program, "\(milliseconds)"] + ways)
    #expect(result.status == 0, "\(result.output)")
    return try result.output.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      try #require(words.count == 4, "\(result.output)")
      return Waited(
        name: words[0], result: words[1], own: try #require(Int(words[2])), host: try #require(Int(words[3])))
    }
  }

  @Test("makes every kind of wait last as long as it should, under an offset and a rate", arguments: kinds)
  func lengths(kind: ProgramKind) throws {
    for (options, milliseconds) in [
      (["--time", "-3d"], 50), (["--time", "+3d"], 50), (["--time", "+3d", "--clock", "all"], 50),
      (["--time", "x10"], 1000), (["--time", "x0.5"], 30),
    ] as [([String], Int)] {
      let rate = options[1] == "x10" ? 10.0 : options[1] == "x0.5" ? 0.5 : 1
      let all = try waits(kind, options, milliseconds)
      #expect(all.count == 22)
      for wait in all {
        #expect(wait.result == "0" && wait.own >= milliseconds, "\(options) \(wait)")
        // The host's ticks last ten milliseconds, and one may have just begun.
        #expect(Double(wait.host + 10) >= Double(milliseconds) / rate, "\(options) \(wait)")
        if rate == 10 { #expect(wait.host < milliseconds * 3 / 4, "\(options) \(wait)") }
      }
    }
  }

  @Test(
    "makes waits last as long as on the host if the clock stands or steps",
    arguments: ["=2000-02-29", "@86400 step 1ms"])
  func standing(time: String) throws {
    for wait in try waits(Self.kinds[0], ["--time", time, "--clock", "all"], 50) {
      #expect(wait.result == "0" && wait.host >= 30, "\(wait)")
    }
  }

  @Test("compares waits with the host's clock under --no-strict, and counts them under --verbose")
  func without() throws {
    let options = ["--time", "-3d", "--no-strict"]
    let date = try waits(Self.kinds[0], options, 50, ["date"])
    #expect(date[0].own < 50, "the check must notice: the deadline passed three days ago")
    let told = try Command.run(
      [Self.loader, "--verbose"] + options + ["/usr/bin/python3", "-c", "import time; time.sleep(0.01); time.time()"])
    #expect(told.output.contains("no system call bypassed the page"), "\(told.output)")
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/waits.c", with: Self.kinds[0].compiler, in: directory)
    let counted = try Command.run(
      [Self.loader, "--verbose"] + options + [program, "20", "date", "semaphore", "descriptor_date"])
    #expect(
      counted.output.contains("used the host's time: clock_nanosleep 1, futex 1, timerfd_settime 1"),
      "\(counted.output)"
    )
  }

  @Test("keeps waits right across signal handlers, stops and another thread's execve", arguments: [kinds[0], kinds[2]])
  func signals(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/wait-signals.c", with: kind.compiler, in: directory)
    let result = try Command.run([Self.loader, "--time", "@2001-01-01 x10", program])
    #expect(result.status == 0 && result.output == "0 failures\nexecuted\n", "\(result.output)")
  }

  @Test("reads the same clocks by system calls and by the page", arguments: kinds)
  func raw(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/raw-clocks.c", with: kind.compiler, in: directory)
    for options in [
      ["--time", "-3d"], ["--time", "@2001-01-01 x0.000001"],
      ["--time", "=2000-02-29", "--clock", "all"],
      ["--time", "+7d", "--clock", "all", "--clock-source", "tsc"],
    ] {
      let result = try Command.run([Self.loader] + options + [program])
      #expect(result.status == 0 && result.output == "0 failures\n", "\(options) \(result.output)")
      let loose = try Command.run([Self.loader, "--no-strict"] + options + [program])
      #expect(loose.status == 1, "the check must notice: \(options) \(loose.output)")
    }
  }

  /// Runs a command and kills it if it doesn't end. timeout(1) can't do so where signals are blocked.
  private func ended(within seconds: Int, _ command: [String]) throws -> Command.Result {
    let script = """
      import subprocess, sys
      try: sys.exit(subprocess.run(sys.argv[2:], timeout=float(sys.argv[1])).returncode)
      except subprocess.TimeoutExpired: print("killed")
      """
    return try Command.run(["/usr/bin/python3", "-c", script, "\(seconds)"] + command)
  }

  @Test(
    "ends waits of C++ and python for absolute deadlines by the changed date, without further options",
    arguments: ["+3d", "-3d"])
  func deadlines(offset: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/deadlines.cpp", with: ["g++", "-pthread"], in: directory)
    let semaphore =
      "import multiprocessing as m, time; s = m.Semaphore(0); t = time.monotonic(); r = s.acquire(timeout=0.3); "
      + "print(r, 0.29 < time.monotonic() - t)"
    for (command, expected) in [
      ([program], "0 failures\n"), (["/usr/bin/python3", "-c", semaphore], "False True\n"),
    ] {
      // If the kernel took the deadline by its own clock, it would be days away, or days ago.
      let result = try ended(within: 120, [Self.loader, "--time", offset] + command)
      #expect(result.status == 0 && result.output == expected, "\(result.output)")
      let loose = try ended(within: 3, [Self.loader, "--no-strict", "--time", offset] + command)
      #expect(loose.output != expected, "the check must notice: \(loose.output)")
    }
  }

  @Test(
    "starts at the requested date on every clock, and lags at most one tick of the program at a rate",
    arguments: kinds)
  func noEarlier(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/no-earlier.c", with: kind.compiler, in: directory)
    for options in [[], ["--no-strict"], ["--engine", "load"], ["--clock-source", "tsc"]] {
      let calls = options.contains("--no-strict") || options.contains("load") ? "page" : "all"
      // The check is repeated, because a tick of the host's may have just begun.
      for _ in 0..<8 {
        let result = try Command.run(
          [Self.loader] + options + ["--time", "@2030-06-01T00:00:00Z", program, "1906502400", calls, "5"])
        #expect(result.status == 0, "\(options): \(result.output)")
      }
    }
    for rate in ["x1440", "x0.01"] {
      let result = try Command.run([
        Self.loader, "--time", "@2030-06-01T00:00:00Z \(rate)", program, "1906502400", "behind", "300",
      ])
      #expect(result.status == 0, "\(rate): \(result.output)")
    }
  }

  @Test(
    "refuses the clocks that the kernel refuses",
    arguments: [
      ["--time", "+3d"], ["--time", "=2000-02-29", "--clock", "all"], ["--time", "x10"],
      ["--time", "@86400 step 1ms", "--clock", "all"], ["--deterministic"],
    ])
  func refusedClocks(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/refused-clocks.c", with: ["gcc"], in: directory)
    let result = try Command.run([Self.loader] + options + [program])
    #expect(result.status == 0, "\(options): \(result.output)")
  }

  @Test(
    "gives programs whose memory can't be read the kernel's or the session's time, and never an error",
    arguments: [
      (["--strict", "--time", "+3d"], 259_200), (["--time", "@1000000000 step 1s"], 0), (["--deterministic"], 0),
      (["--strict", "--time", "x10"], 0),
    ] as [([String], Int)])
  func closedMemory(options: [String], ahead: Int) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/closed-memory.c", with: ["gcc"], in: directory)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
    let user = getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let least = ahead == 0 ? 0 : Int(Date().timeIntervalSince1970) + ahead
    // The session may reopen a pipe of its own user, and must borrow another's.
    for pipe in [["sh", "-c", "\"$@\" 2>&1 | cat", "sh"], []] {
      let result = try Command.run(user + pipe + [Self.loader] + options + [program, "\(least)"])
      #expect(result.output.contains("0 failures\n"), "\(result.output)")
      #expect(
        result.output.split(separator: "\n").filter { $0.contains("may not be read") }.count == 1, "\(result.output)")
    }
  }

  /// The command's prefix that takes the right to set the machine's clock from a program, so that no mistake can set it.
  private static let powerless =
    getuid() == 0 ? ["setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time"] : []

  @Test("sets the session's clock and never the machine's", arguments: [kinds[0], kinds[1], kinds[3]])
  func setting(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/set-clock.c", with: kind.compiler, in: directory)
    for options in [["--time", "+3d"], ["--no-strict", "--time", "-3d"], ["--control", "\(directory.path)/control"]] {
      let result = try Command.run(Self.powerless + [Self.loader] + options + [program])
      #expect(result.status == 0 && result.output == "0 failures\n", "\(options): \(result.output)")
    }
    let refused = try Command.run(
      Self.powerless + [Self.loader, "--host-settime", "--time", "+3d", "date", "-s", "@2000000000"])
    #expect(refused.output.contains("not permitted"), "the kernel's answer: \(refused.output)")
    let command = ["sh", "-c", "date -s @2000000000 > /dev/null && date +%s | cut -c 1-8"]
    for time in ["+3d", "=2000-02-29", "@86400 x2"] {
      let told = try Command.run(Self.powerless + [Self.loader, "--time", time] + command)
      #expect(told.status == 0 && told.output == "20000000\n", "\(time): \(told.output)")
    }
  }

  @Test("lets only the session's user set its clock", .enabled(if: getuid() == 0))
  func settingByOthers() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/set-clock.c", with: ["gcc"], in: directory)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
    let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program]
    let result = try Command.run([Self.loader, "--time", "+3d"] + other + ["refused"])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test("returns the time left of a timer by the program's clock", arguments: [kinds[0], kinds[2], kinds[3]])
  func rests(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/timer-rest.c", with: kind.compiler, in: directory)
    let host = try Command.run([Self.loader, "--time", "+3d", program])
    #expect(host.status == 0, "the check must fit the kernel: \(host.output)")
    for rate in ["x4", "x0.5"] {
      let result = try Command.run([Self.loader, "--time", rate, program])
      #expect(result.status == 0 && result.output == "0 failures\n", "\(rate): \(result.output)")
    }
  }

  @Test(
    "refuses to intercept system calls without following",
    arguments: [["--strict", "--time", "+3d"], ["--time", "@86400 step 1s"], ["--deterministic"]])
  func withoutFollowing(options: [String]) throws {
    let result = try Command.run([Self.loader, "--no-follow"] + options + ["echo", "started"])
    #expect(result.status != 0 && result.output.contains("which --no-follow turns off"), "\(result.output)")
    let filters = ["grep", "Seccomp_filters", "/proc/self/status"]
    let none = try Command.run([Self.loader, "--no-follow", "--time", "+3d"] + filters)
    #expect(try none.output == Command.run(filters).output)
  }

  @Test("steps the clock once for each reading, the same in every run and in a whole tree", arguments: kinds)
  func steps(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/steps.c", with: kind.compiler, in: directory)
    let command = [Self.loader, "--time", "@1000000000 step 1s", "sh", "-c", "\(program); \(program)"]
    let first = try Command.run(command)
    #expect(first.status == 0)
    let expected = (0..<10).map { "\(1_000_000_000 + $0)\n" }.joined()
    #expect(first.output == expected, "\(first.output)")
    #expect(try Command.run(command).output == expected)
    for source in ["tsc", "tick", "fixed"] {
      let kept = try Command.run([Self.loader, "--clock-source", source] + command.dropFirst())
      #expect(kept.output == expected, "\(source): \(kept.output)")
    }
    let load = try Command.run([Self.loader, "--engine", "load"] + command.dropFirst())
    #expect(
      load.status == 125 && load.output.contains("engine load gives our page only to the first program"),
      "\(load.output)")
  }
}
