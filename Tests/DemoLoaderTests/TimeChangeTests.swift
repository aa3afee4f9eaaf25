// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("The time of running programs")
struct TimeChangeTests {
  private static let loader = ProgramTests.loader

  /// A program that runs in a session, and its output once it has ended.
  private final class RunningSession {
    let control: String
    private let process = Process()
    private let output = Pipe()
    private let directory: TemporaryDirectory

    init(_ options: [String], program: (TemporaryDirectory) throws -> [String]) throws {
      directory = try TemporaryDirectory()
      control = "\(directory.path)/control"
      process.executableURL = URL(filePath: TimeChangeTests.loader)
      process.arguments = try options + ["--control", control] + program(directory)
      process.standardOutput = output
      process.standardError = output
      process.standardInput = FileHandle.nullDevice
      try process.run()
    }

    var pid: Int32 { process.processIdentifier }

    /// Runs `demo-loader time`, once the program has its page.
    func time(_ spec: [String], of name: String? = nil) throws -> Command.Result {
      while true {
        let result = try Command.run([TimeChangeTests.loader, "time", name ?? control] + spec)
        let isStarting =
          result.output.contains("No such file") || result.output.contains("there is no process")
          || result.output.contains("belongs to no session")
        guard isStarting, process.isRunning else { return result }
        usleep(10_000)
      }
    }

    func finish() throws -> (status: Int32, output: String) {
      let data = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    deinit {
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      try? output.fileHandleForReading.close()
    }
  }

  private static let kinds = [
    ProgramKind(name: "glibc", compiler: ["gcc", "-pthread"]),
    ProgramKind(name: "musl, static", compiler: ["musl-gcc", "-static", "-pthread"]),
    ProgramKind(
      name: "i386", compiler: ProgramKind.i386.compiler + ["-pthread", "-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64"]),
  ]

  @Test(
    "changes the time for all processes and threads of a session, and no monotonic clock goes back",
    arguments: kinds, ["exec", "load", "tsc"])
  func monotonic(kind: ProgramKind, way: String) throws {
    let options = way == "tsc" ? ["--clock-source", "tsc"] : ["--engine", way, "--no-follow"]
    let session = try RunningSession(options + ["--time", "+3d", "--clock", "all"]) { directory in
      [try Fixtures.compile("programs/monotonic-watch.c", with: kind.compiler, in: directory)]
    }
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let changes = [
      "+5d", "=", "x100", "x0.001", "+0", "=2000-02-29T12:00:00Z", "-3d", "x1", "@2038-01-19T03:14:00Z x10",
    ]
    for _ in 0..<20 {
      let change = changes.randomElement(using: &random)!
      let scope = Bool.random(using: &random) ? "all" : "REALTIME"
      let result = try session.time([change, "--clock", scope])
      #expect(result.status == 0, "seed \(seed): \(change) \(result.output)")
    }
    #expect(try session.time(["@2101-01-01T00:00:00Z"]).status == 0)
    let end = try session.finish()
    #expect(end.status == 0 && end.output == "0 failures\n", "seed \(seed): \(end.output)")
  }

  /// The number of readings of the time line. VDSO_TIME_LINE sets it; the long form takes minutes.
  private static let timeLine = ProcessInfo.processInfo.environment["VDSO_TIME_LINE"].flatMap { Int($0) }

  @Test(
    "shows one timeline in all clocks, ways to read them and threads, after every change",
    arguments: StrictTimeTests.kinds)
  func line(kind: ProgramKind) throws {
    let changes = Self.timeLine == nil ? 8 : 50
    let directory = try TemporaryDirectory()
    let done = directory.path + "/done"
    let program = try Fixtures.compile("programs/time-line.c", with: kind.compiler, in: directory)
    let session = try RunningSession(["--time", "+1d", "--clock", "all"]) { _ in
      [program, "\(Self.timeLine ?? 20_000)", done]
    }
    for change in 1...changes {
      // Each change moves the date ahead.
      let spec = change % 4 == 0 ? "x\(change)" : change % 4 == 2 ? "x1" : "+\(change * 9)d"
      let result = try session.time([spec, "--clock", "all"])
      #expect(result.status == 0, "\(spec): \(result.output)")
      usleep(20_000)
    }
    try "".write(toFile: done, atomically: true, encoding: .utf8)
    let result = try session.finish()
    #expect(result.status == 0 && result.output == "0 wrong\n", "\(result.output)")
    let loose = try Command.run([Self.loader, "--time", "+1d", "--no-strict", program, "20000"])
    #expect(loose.status == 1, "the check must notice: \(loose.output)")
  }

  @Test("shows no time before the new one after a change, by any clock and call", arguments: kinds)
  func noEarlier(kind: ProgramKind) throws {
    let date = 1_924_992_000  // 2031-01-01T00:00:00Z
    let session = try RunningSession(["--time", "+1d"]) { directory in
      let program = try Fixtures.compile("programs/no-earlier.c", with: kind.compiler, in: directory)
      return [program, "\(date)", "changed"]
    }
    for change in ["@\(date)", "+1d", "@\(date) x100", "+1d", "=@\(date)", "+1d", "@\(date)", "@2101-01-01"] {
      let result = try session.time([change])
      #expect(result.status == 0, "\(change): \(result.output)")
      if change.contains("\(date)") { #expect(result.output.hasPrefix("2031"), "\(result.output)") }
    }
    let end = try session.finish()
    #expect(end.status == 0 && end.output == "0 failures\n", "\(end.output)")
  }

  @Test("finds a session by the process id of any of its processes, until the program ends")
  func byProcess() throws {
    let session = try RunningSession(["--time", "=2000-02-29T12:00:00Z"]) { _ in ["sh", "-c", "(sleep 3; true)"] }
    let told = try session.time([], of: "\(session.pid)")
    #expect(told.output == "2000-02-29T12:00:00Z, by =2000-02-29T12:00:00Z, clock REALTIME\n")
    let changed = try session.time(
      ["@2038-01-19T03:14:00Z", "x0.000001", "--clock", "all"], of: "\(session.pid)")
    #expect(changed.output.hasPrefix("2038-01-19T03:14:00"), "\(changed.output)")
    let same = try session.time(["--json"])
    #expect(same.output.contains("\"specification\" : \"@2038-01-19T03:14:00Z x0.000001\""), "\(same.output)")
    let attributes = try FileManager.default.attributesOfItem(atPath: session.control)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    kill(session.pid, SIGKILL)
    _ = try session.finish()
    for _ in 0..<500 where FileManager.default.fileExists(atPath: session.control) { usleep(10_000) }
    #expect(!FileManager.default.fileExists(atPath: session.control))
  }

  @Test("refuses a change of the time that is impossible, with one line and the reason")
  func refusals() throws {
    let session = try RunningSession(["--no-strict", "--time", "+3d"]) { _ in ["sleep", "30"] }
    #expect(try session.time([]).status == 0)
    for (spec, status, reason) in [
      ("+3q", 125, "no unit 'q'"), ("-100y", 1, "1970 to 2261"), ("step 1s", 1, "start it with --time"),
    ] as [(String, Int32, String)] {
      let result = try session.time([spec])
      #expect(result.status == status && result.output.contains(reason), "\(result.output)")
    }
    #expect(try session.time([]).output.contains("by +3d"), "a refused change changes nothing")
    let own = try Command.run(["sh", "-c", "\(Self.loader) time $$; exit $?"])
    #expect(own.status == 1 && own.output.contains("belongs to no session"), "\(own.output)")
    let nobody = try Command.run([Self.loader, "time", "/nonexistent/control"])
    #expect(nobody.status == 1 && nobody.output.contains("No such file"), "\(nobody.output)")
    let empty = try Command.run([Self.loader, "time", ""])
    #expect(empty.status == 125 && empty.output.contains("The session is empty"), "\(empty.output)")
    // A socket in use and a file that is no socket are left alone; a socket without a listener is replaced.
    let second = try Command.run([Self.loader, "--control", session.control, "echo", "started"])
    #expect(second.status == 125 && second.output.contains("exists already"), "\(second.output)")
    let file = try Command.run([Self.loader, "--control", Fixtures.path("programs/clocks.c"), "echo", "started"])
    #expect(file.status == 125 && !file.output.contains("started"), "\(file.output)")
    let long = try Command.run([
      Self.loader, "--control", "/tmp/" + String(repeating: "x", count: 200), "echo", "started",
    ])
    #expect(long.status == 125 && long.output.contains("too long"), "\(long.output)")
  }

  @Test(
    "changes the time of a daemon as long as it is on the page",
    arguments: [["--no-follow"], [], ["--engine", "load", "--no-follow"]])
  func daemon(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let control = "\(directory.path)/control"
    // The program forks twice, as services do, and executes nothing: without following, that would leave the page.
    let script = """
      import os, sys, time
      # Foundation waits for a socket of its own to be closed.
      os.closerange(3, 4096)
      if os.fork(): os._exit(0)
      os.setsid()
      if os.fork(): os._exit(0)
      open(sys.argv[1], "w").write(str(os.getpid()) + "\\n")
      null = os.open("/dev/null", os.O_RDWR)
      for file in range(3): os.dup2(null, file)
      while time.time() < 4e9: time.sleep(0.02)
      """
    let program = ["/usr/bin/python3", "-c", script, "\(directory.path)/pid"]
    let start = try Command.run([Self.loader] + options + ["--time", "+1d", "--control", control] + program)
    #expect(start.status == 0, "\(start.output)")
    var pid = ""
    while !pid.hasSuffix("\n") { pid = (try? String(contentsOfFile: "\(directory.path)/pid", encoding: .utf8)) ?? "" }
    pid.removeLast()
    // The supervisor checks each second whether any process is left.
    sleep(2)
    let told = try Command.run([Self.loader, "time", pid])
    #expect(told.status == 0 && told.output.contains("by +1d"), "\(told.output)")
    let behindMark = try Command.run([Self.loader, "time", control, "--", "-2d"])
    #expect(behindMark.status == 0 && behindMark.output.contains("by -2d"), "\(behindMark.output)")
    #expect(try Command.run([Self.loader, "time", control, "+2d"]).status == 0)
    if getuid() == 0 {
      let elsewhere = try Command.run(["unshare", "--net", Self.loader, "time", pid])
      #expect(elsewhere.status == 0 && elsewhere.output.contains("by +2d"), "\(elsewhere.output)")
    }
    #expect(try Command.run([Self.loader, "time", pid, "@2100-01-01"]).status == 0)
    for _ in 0..<1000 where FileManager.default.fileExists(atPath: control) { usleep(10_000) }
    #expect(!FileManager.default.fileExists(atPath: control))
  }

  @Test("refuses to change the time of a program without a session, and says how to start one")
  func withoutSession() throws {
    let program = try RunningCommand(Self.loader, ["sleep", "60"])
    var result = try Command.run([Self.loader, "time", "\(program.pid)"])
    while result.output.contains("belongs to no session") {
      result = try Command.run([Self.loader, "time", "\(program.pid)"])
    }
    #expect(result.status == 1 && result.output.contains("start it with demo-loader --control"), "\(result.output)")
  }

  @Test("changes the date by more than 250 years")
  func longJump() throws {
    let directory = try TemporaryDirectory()
    let control = "\(directory.path)/control"
    let script = "\(Self.loader) time \(control) @2261-01-01 && \(Self.loader) --time @1970-01-02 date +%Y && date +%Y"
    let result = try Command.run([Self.loader, "--time", "@0", "--control", control, "sh", "-c", script])
    #expect(result.status == 0 && result.output.hasSuffix("\n1970\n2261\n"), "\(result)")
  }

  @Test("says that a session ended before it answered")
  func endedSession() throws {
    let directory = try TemporaryDirectory()
    let control = "\(directory.path)/control"
    let script = """
      import socket
      s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.bind('\(control)'); s.listen(); s.accept()[0].close()
      """
    let session = try RunningCommand("/usr/bin/python3", ["-c", script])
    var result = try Command.run([Self.loader, "time", control])
    while result.output.contains("No such file") || result.output.contains("refused") {
      result = try Command.run([Self.loader, "time", control])
    }
    withExtendedLifetime(session) {}
    #expect(result.status == 1 && result.output.contains("control ended before it answered: start a new"), "\(result)")
  }

  @Test("draws what the date of a session's programs was since it began")
  func plot() throws {
    let session = try RunningSession(["--time", "+2h"]) { _ in ["sleep", "1000"] }
    #expect(try session.time(["+5h"]).status == 0)
    let picture = try session.time(["x1", "--clock", "REALTIME", "--plot", "-"])
    kill(session.pid, SIGKILL)
    #expect(picture.status == 0 && picture.output.hasPrefix("<svg "), "\(picture)")
    let dots = picture.output.components(separatedBy: "<title>").dropFirst()
      .compactMap { $0.components(separatedBy: " at ").first }
    #expect(dots == ["2.000 hours", "5.000 hours", "5.000 hours"], "\(picture.output)")
    #expect(picture.output.contains("Date less the host's, hours"))
  }
}
