// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A session inside a session")
struct NestedSessionTests {
  private static let loader = ProgramTests.loader

  /// A PID namespace, so that the supervisors found in it are those of the test.
  private static var namespace: [String] {
    ["unshare"] + (getuid() == 0 ? [] : ["-Ur"]) + ["--pid", "--fork", "--mount-proc"]
  }

  private static let starts: [[String]] = [
    [], ["--no-follow"], ["--clock-source", "tsc"], ["--vdso", "none"], ["--vdso", "kernel"],
  ]

  @Test("starts programs of any kind in an inner session, and they see its time", arguments: starts, starts)
  func starting(outer: [String], inner: [String]) throws {
    let directory = try TemporaryDirectory()
    for flags in [["gcc"], ["gcc", "-static"], UnusualProgram.i386 + ["-static"]] {
      let program = try Fixtures.compile("programs/seconds.c", with: flags, in: directory)
      let start = Int(Date().timeIntervalSince1970)
      let result = try Command.run([Self.loader] + outer + [Self.loader] + inner + [program])
      let seconds = Int(result.output.split(separator: "\n").last ?? "") ?? 0
      #expect(result.status == 0 && seconds >= start && seconds <= start + 3600, "\(flags): \(result)")
      #expect(!result.output.contains("stays on the kernel's page"), "\(flags): \(result)")
    }
  }

  /// Runs a shell script in a session, in which `$D` is demo-loader.
  private func run(
    in options: [String] = ["--follow", "--time", "@2030-06-01T12:00:00Z"], as user: [String] = [], _ script: String
  ) throws -> Command.Result {
    try Command.run(
      user + [Self.loader] + options + ["sh", "-c", script], environment: ["D": Self.loader, "TZ": "UTC"])
  }

  private static let twice = "sh -c 'date +%F; env date +%F'"

  @Test(
    "gives an inner session its own time, relative to the outer session's",
    arguments: [
      ("--time @2040-01-01T00:00:00Z", "2040-01-01"), ("--time +1d", "2030-06-02"), ("--time -1d", "2030-05-31"),
      ("--clock REALTIME --time x2", "2030-06-01"), ("--time =", "2030-06-01"),
      ("--clock REALTIME --time '+1d x10'", "2030-06-02"),
      ("--clock-source tsc", "2030-06-01"), ("", "2030-06-01"),
    ], Starter.all.map(\.prefix))
  func times(_ row: (inner: String, date: String), user: [String]) throws {
    let result = try run(as: user, "$D \(row.inner) \(Self.twice); date +%F")
    #expect(result.output == "\(row.date)\n\(row.date)\n2030-06-01\n" && result.status == 0, "\(result)")
  }

  @Test(
    "gives an inner session its own time if the outer session doesn't follow programs",
    arguments: ["--no-follow", "--engine load --no-follow"], ["--time +1d", "--time @2030-06-02T12:00:00Z"])
  func unfollowed(outer: String, inner: String) throws {
    let options = ["--time", "@2030-06-01T12:00:00Z"] + outer.split(separator: " ").map(String.init)
    let result = try Command.run(
      [Self.loader] + options + [Self.loader] + inner.split(separator: " ").map(String.init) + [
        "sh", "-c", "date +%F; env date +%F",
      ], environment: ["TZ": "UTC"])
    #expect(result.output == "2030-06-02\n2030-06-02\n" && result.status == 0, "\(result)")
  }

  @Test(
    "returns programs to the outer session if the inner one doesn't follow them", arguments: Starter.all.map(\.prefix))
  func innerWithoutFollowing(user: [String]) throws {
    let result = try run(
      as: user, "$D --no-follow --time +1d date +%F; $D --no-follow --time +1d \(Self.twice); date +%F")
    #expect(result.output == "2030-06-02\n2030-06-01\n2030-06-01\n2030-06-01\n" && result.status == 0, "\(result)")
  }

  @Test(
    "shows an inner session's time to i386 programs and to programs that read no page",
    arguments: [UnusualProgram.i386, ["gcc", "-static"]])
  func kinds(compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/seconds.c", with: compiler, in: directory)
    let result = try run("$D --time @2031-06-01T00:00:00Z sh -c '\(program); env \(program)'; \(program)")
    let years = result.output.split(separator: "\n").map { (Int($0) ?? 0) / 31_556_952 + 1970 }
    #expect(years == [2031, 2031, 2030] && result.status == 0, "\(result)")
  }

  @Test("nests sessions to any depth, and ends each one with its programs", arguments: 1...4, Starter.all.map(\.prefix))
  func depth(_ depth: Int, user: [String]) throws {
    var script = "date +%Y; env date +%Y"
    for level in (1...depth).reversed() {
      // Quoting grows with each level, so each level's script is passed on as an argument.
      script = "$D --time @204\(level)-01-01T00:00:00Z sh -c \(quoted(script)); env date +%Y"
    }
    let result = try run(as: user, script)
    let expected = ["204\(depth)"] + (1...depth).reversed().map { "204\($0)" } + ["2030"]
    #expect(result.output == expected.joined(separator: "\n") + "\n" && result.status == 0, "\(result)")
    Tally.nestings.report(depth, "each in the other, \(user)")
  }

  private func quoted(_ text: String) -> String { "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'" }

  @Test("continues an inner session after the first program of the outer one has ended")
  func outlives() throws {
    let result = try run("$D --time @2040-01-01T00:00:00Z sh -c 'sleep 0.5; date +%Y; env date +%Y' & echo done")
    #expect(result.output == "done\n2040\n2040\n" && result.status == 0, "\(result)")
  }

  @Test("runs many inner sessions at once, each with its own programs")
  func many() throws {
    // The shell's `wait` needs signals that are blocked here.
    let result = try run(
      """
      seq 2041 2046 | xargs -P 8 -I YEAR sh -c '$D --time @YEAR-01-01T00:00:00Z sh -c "
        for i in 1 2 3 4 5; do test \\$(env date +%Y) = YEAR || echo wrong; done"; test $(env date +%Y) = 2030 || echo wrong'
      """)
    #expect(result.output.isEmpty && result.status == 0, "\(result)")
  }

  @Test("hands an inner session to its standby, or to the outer session with a message")
  func deaths() throws {
    for _ in 0..<Tally.rounds(20) { try death() }
    Tally.nestings.report(2 * Tally.rounds(20), "whose supervisor was killed")
  }

  private func death() throws {
    // The newest supervisor and standby are the inner session's.
    let one = try run(
      as: Self.namespace,
      "$D --time @2040-01-01T00:00:00Z sh -c 'pkill -KILL -n vdso-supervisor; env date +%Y; pkill -KILL -n vdso-standby; env date +%Y'"
    )
    #expect(one.output == "2040\n2040\n" && one.status == 0, "\(one)")
    let both = try run(
      as: Self.namespace,
      """
      $D --time @2040-01-01T00:00:00Z sh -c '
        kill -STOP $(pgrep -n vdso-standby); kill -KILL $(pgrep -n vdso-supervisor) $(pgrep -n vdso-standby)
        date +%Y; env date +%Y'; env date +%Y
      """)
    #expect(both.output.hasSuffix("2030\n2030\n") && both.status == 0, "\(both)")
    #expect(both.output.contains("is gone"), "\(both)")
  }

  @Test("keeps an inner session when the standby replaces the outer session's supervisor")
  func outersDeath() throws {
    for _ in 0..<Tally.rounds(20) { try outerDeath() }
    Tally.nestings.report(3 * Tally.rounds(20), "whose outer session's supervisor was killed or stopped")
  }

  private func outerDeath() throws {
    // The oldest supervisor is the outer session's.
    for script in [
      "pkill -KILL -o vdso-supervisor", "pkill -KILL -o vdso-standby; pkill -KILL -o vdso-supervisor",
      "pkill -STOP -o vdso-supervisor",
    ] {
      let result = try run(
        as: Self.namespace,
        """
        $D --time @2040-01-01T00:00:00Z sh -c '
          \(script); date +%Y; env date +%Y; sleep 0.2; env date +%Y; $D --time @2050-01-01T00:00:00Z env date +%Y
        '; env date +%Y
        """)
      #expect(result.output == "2040\n2040\n2040\n2050\n2030\n" && result.status == 0, "\(script): \(result)")
    }
  }

  @Test(
    "distinguishes an inner session's tasks in other namespaces, as another user, and without a page",
    arguments: [
      ("unshare --pid --fork --mount-proc $D --time @2040-01-01T00:00:00Z", "2040"),
      ("unshare --pid --fork --mount-proc $D --time @2040-01-01T00:00:00Z unshare --pid --fork --mount-proc", "2040"),
      ("setpriv --reuid=65534 --regid=65534 --clear-groups $D --time @2040-01-01T00:00:00Z", "2040"),
      ("unshare --map-root-user --user $D --time @2040-01-01T00:00:00Z", "2040"),
      ("$D --vdso none", "2030"),
    ])
  func surroundings(_ row: (start: String, year: String)) throws {
    // These starts need privileges.
    guard getuid() == 0 || !(row.start.contains("setpriv") || row.start.contains("--pid")) else { return }
    let result = try run("\(row.start) sh -c 'date +%Y; env date +%Y; env env date +%Y'; env date +%Y")
    let year = row.year
    #expect(result.output == "\(year)\n\(year)\n\(year)\n2030\n" && result.status == 0, "\(result)")
  }

  @Test(
    "gives an inner session no calls of another user's tasks, whatever number it claims", .enabled(if: getuid() == 0))
  func thief() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("trust/session-thief.c", with: ["gcc"], in: directory)
    let calls = "for i in 1 2 3 4 5; do sleep 0.1; env date +%Y; done"
    for (user, expected) in [("setpriv --reuid=65534 --clear-groups ", "nothing"), ("", "a call of another's")] {
      // The number that it claims is that of its own session's page.
      let result = try run(
        """
        chmod 755 \(directory.path)
        number=$(grep -m 1 vdso-time /proc/$$/maps | tr -s ' ' | cut -d ' ' -f 5)
        \(user)\(program) $number >\(directory.path)/output &
        \(calls); while ! grep -q -e nothing -e another \(directory.path)/output; do sleep 0.1; done
        cat \(directory.path)/output
        """)
      #expect(result.output.hasSuffix("welcome\n\(expected)\n"), "\(result)")
      if expected == "nothing" { #expect(result.output.hasPrefix(String(repeating: "2030\n", count: 5)), "\(result)") }
    }
  }

  @Test("refuses an inner session if the outer one doesn't intercept the calls that it needs")
  func unheard() throws {
    let result = try run(in: ["--follow"], "$D --deterministic true")
    #expect(result.status == 125 || result.status == 126, "\(result)")
    #expect(result.output.contains("the session of process "), "\(result)")
    let heard = try run(
      in: ["--deterministic"], "$D --time '@2040-01-01T00:00:00Z step 1s' --clock all sh -c 'date +%s; date +%s'")
    let seconds = heard.output.split(separator: "\n").compactMap { Int($0) }
    #expect(seconds.count == 2 && seconds[1] > seconds[0] && seconds[0] > 2_208_988_000, "\(heard)")
  }

  /// Whether a process may set the machine's clock, and whether programs that it executes may obtain that right.
  private func clockRights(_ command: [String]) throws -> (are: Bool, canBecome: Bool) {
    let result = try Command.run(command + ["cat", "/proc/self/status"])
    #expect(result.status == 0, "\(command): \(result.output)")
    func field(_ name: String) -> UInt64 {
      let line = result.output.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      return UInt64(line?.split(separator: "\t").last ?? "", radix: 16) ?? 0
    }
    let capability: UInt64 = 1 << 25  // CAP_SYS_TIME
    return (
      field("CapPrm") & capability != 0, field("CapBnd") & capability != 0 && field("NoNewPrivs") == 0
    )
  }

  @Test(
    "takes the right to set the machine's clock from sessions that can't answer calls that do so",
    arguments: Starter.all.map(\.prefix))
  func clockSetting(user: [String]) throws {
    // The test reads the right and never uses it: no test sets the machine's clock.
    let directly = try clockRights(user)
    let inner: [(outer: [String], inner: [String])] = [
      (["--follow"], ["--time", "+1d"]), (["--host-settime", "--time", "+1d"], ["--no-strict", "--time", "+2d"]),
    ]
    for options in inner {
      let rights = try clockRights(user + [Self.loader] + options.outer + [Self.loader] + options.inner)
      #expect(rights == (false, false), "\(options)")
    }
    for options in [["--engine", "load", "--time", "+1d"], ["--no-follow", "--time", "+1d"]] {
      let rights = try clockRights(user + [Self.loader] + options)
      #expect(!rights.are, "\(options)")
    }
    let others = [
      ["--time", "+1d", Self.loader, "--time", "+2d"], ["--host-settime", "--no-follow", "--time", "+1d"], ["--follow"],
    ]
    for options in others {
      let rights = try clockRights(user + [Self.loader] + options)
      #expect(rights.are == directly.are, "\(options)")
    }
  }

  @Test(
    "shows changes of the session's time to programs that a plain demo-loader in it starts",
    arguments: [["gcc"], UnusualProgram.i386])
  func plainInSession(compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/seconds.c", with: compiler, in: directory)
    for engine in ["load", "exec"] {
      let control = "\(directory.path)/\(engine)"
      let result = try run(
        in: ["--time", "@2030-06-01T12:00:00Z", "--control", control],
        """
        cd \(directory.path); rm -f pipe output; mkfifo pipe
        $D --engine \(engine) \(program) wait < pipe > output & exec 3> pipe
        while ! [ -s output ]; do sleep 0.05; done
        $D time \(control) @2035-01-01T00:00:00Z > /dev/null
        exec 3>&-; while [ $(wc -l < output) -lt 2 ]; do sleep 0.05; done
        date +%Y -d @$(head -1 output); date +%Y -d @$(tail -1 output)
        """)
      #expect(result.output == "2030\n2035\n" && result.status == 0, "\(engine): \(result)")
    }
  }

  @Test("changes an inner session's time by the process id of its programs and by its control socket")
  func control() throws {
    let directory = try TemporaryDirectory()
    let result = try run(
      in: ["--time", "@2030-06-01T12:00:00Z", "--control", "\(directory.path)/outer"],
      """
      $D --time @2040-01-01T00:00:00Z --control \(directory.path)/inner sh -c '
        $D time $$ | head -1 | cut -c1-4; $D time \(directory.path)/inner +366d >/dev/null; env date +%Y
        $D time \(directory.path)/inner @2045-01-01T00:00:00Z >/dev/null; env date +%Y
        $D time \(directory.path)/outer @2035-01-01T00:00:00Z >/dev/null; env date +%Y'
      env date +%Y; $D time $$ | head -1 | cut -c1-4; test -e \(directory.path)/inner && sleep 2; ls \(directory.path)
      """)
    #expect(result.output == "2040\n2031\n2045\n2045\n2035\n2035\nouter\n" && result.status == 0, "\(result)")
  }
}
