// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Children of attached programs", .enabled(if: mayTraceOthers))
struct AttachFollowingTests {
  private static let loader = ProgramTests.loader

  private func run(_ words: String...) throws -> Command.Result {
    try Command.run([Self.loader] + words)
  }

  @Test("forked children of an attached program share its page, and executed programs get it only with --follow")
  func children() throws {
    for (follows, kind) in [(true, AttachTests.glibc), (false, AttachTests.glibc), (true, AttachTests.i386)] {
      let other = kind.name == "i386" ? AttachTests.glibc : AttachTests.i386
      let program = try AttachedProgram(kind, threads: 2, other: other)
      // This child starts before the program is attached.
      #expect(try program.hoursAhead("l") == "0")
      let attached = try run(
        "attach", "\(program.pid)", "--time", "+2d", "--clock", "REALTIME", follows ? "--follow" : "--no-follow")
      #expect(attached.status == 0, "\(attached.output)")
      for letter in ["f", "v"] { #expect(try program.hoursAhead(letter) == "48", "\(letter)") }
      for letter in ["p", "o", "t", "s"] {
        #expect(try program.hoursAhead(letter) == (follows ? "48" : "0"), "\(letter)")
      }
      #expect(try program.hoursAhead("l") == "0")
      #expect(try run("time", "\(program.pid)", "+3h").status == 0)
      #expect(try program.hoursAhead("p") == (follows ? "3" : "0"))
      #expect(try program.finish() == "0 failures\n")
    }
  }

  @Test("an attached program's system calls bypass the page under --no-strict, and advance a step clock otherwise")
  func systemCalls() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 0)
    let loose = try run("attach", "\(program.pid)", "--time", "+2d", "--follow", "--no-strict")
    #expect(loose.status == 0, "\(loose.output)")
    #expect(try program.hoursAhead("s") == "0")
    #expect(try program.hoursAhead("p") == "48")
    #expect(try program.finish() == "0 failures\n")
    let refused = try run("attach", "\(getpid())", "--time", "step 1s", "--no-follow")
    #expect(refused.status == 1 && refused.output.contains("needs intercepted system calls"), "\(refused.output)")
    let stepped = try AttachedProgram(AttachTests.glibc, threads: 0)
    let step = try run("attach", "\(stepped.pid)", "--time", "@2030-01-01T00:00:00Z step 1h", "--follow")
    #expect(step.status == 0, "\(step.output)")
    let first = try #require(Int(stepped.hoursAhead("s")))
    #expect(try stepped.hoursAhead("s") == "\(first + 1)")
    #expect(try stepped.hoursAhead("p") == "\(first + 2)")
    #expect(try stepped.finish() == "0 failures\n")
  }

  @Test("a shell that executes one program after the other is attached to again and again")
  func busyShell() throws {
    let shell = try RunningCommand("/bin/dash", ["-c", "while :; do /bin/true; done"])
    for _ in 0..<10 {
      let attached = try run("attach", "\(shell.pid)", "--time", "+1d", "--follow")
      #expect(attached.status == 0, "\(attached.output)")
      let detached = try run("detach", "\(shell.pid)")
      #expect(detached.status == 0, "\(detached.output)")
    }
  }

  @Test(
    "a tree is attached to while its processes end, and those that may be followed are", .enabled(if: geteuid() == 0))
  func mixedTree() throws {
    // One process would lose rights, and others end at once.
    let script = "setpriv --reuid 65534 --clear-groups sleep 100 & while read -r line; do /bin/true; date +%F; done"
    let shell = try AnsweringProgram(["dash", "-c", script])
    let today = try shell.answer()
    for _ in 0..<10 {
      let attached = try run("attach", "\(shell.pid)", "--tree", "--time", "+40d")
      #expect(attached.status == 0, "\(attached.output)")
      let lines = attached.output.split(separator: "\n")
      #expect(lines.count == 1 && lines[0].contains("no_new_privs"), "\(attached.output)")
      #expect(try shell.answer() > today)
      #expect(try run("detach", "\(shell.pid)", "--tree").status == 0)
      #expect(try shell.answer() == today)
    }
    let children = try Command.run(["pgrep", "-P", "\(shell.pid)"]).output.split(separator: "\n").compactMap {
      Int32($0)
    }
    for child in children { kill(child, SIGKILL) }
  }

  @Test("children get the kernel's page after detach, and the next attach uses the filter that stayed")
  func again() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 2)
    var supervisors: [Int32] = []
    for hours in [48, 5, 7] {
      let attached = try run("attach", "\(program.pid)", "--time", "+\(hours)h", "--follow")
      #expect(attached.status == 0, "\(attached.output)")
      for letter in ["p", "f", "s"] { #expect(try program.hoursAhead(letter) == "\(hours)", "\(letter)") }
      #expect(try program.filters == 1)
      let detached = try run("detach", "\(program.pid)")
      #expect(detached.status == 0, "\(detached.output)")
      for letter in ["p", "f", "s"] { #expect(try program.hoursAhead(letter) == "0", "\(letter)") }
      let number = detached.output.firstMatch(of: /off: process ([0-9]+) answers/)?.1
      supervisors.append(try #require(number.flatMap { Int32($0) }, "\(detached.output)"))
      #expect(try AttachedProgram.priority(of: "\(supervisors.last ?? 0)") == 20)
      // The standby must answer in its place.
      if hours == 5 {
        kill(supervisors[1], SIGKILL)
        #expect(try program.hoursAhead("p") == "0")
      }
    }
    #expect(try program.finish() == "0 failures\n")
    // A supervisor ends once no process has its filter.
    for supervisor in supervisors { Self.waitForEnd(of: supervisor) }
  }

  private static func waitForEnd(of process: Int32) {
    while let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8), !stat.contains(") Z ") {
      usleep(10_000)
    }
  }

  @Test("attach succeeds directly after detach, although a child that is about to end still has the page")
  func atOnce() throws {
    let shell = try RunningCommand("/bin/sh", ["-c", "while :; do sleep 0.4; done"])
    for year in [2040, 2050] {
      let attached = try run("attach", "\(shell.pid)", "--follow", "--time", "@\(year)-01-01T00:00:00Z")
      #expect(attached.status == 0, "\(attached.output)")
      usleep(500_000)
      let detached = try run("detach", "\(shell.pid)")
      #expect(detached.status == 0, "\(detached.output)")
    }
  }

  @Test("children stay in the session when their parent is detached")
  func partly() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 0)
    #expect(try run("attach", "\(program.pid)", "--time", "+2d", "--follow").status == 0)
    #expect(try program.hoursAhead("l") == "48")
    let detached = try run("detach", "\(program.pid)")
    #expect(detached.status == 0, "\(detached.output)")
    for letter in ["p", "f", "s"] { #expect(try program.hoursAhead(letter) == "0", "\(letter)") }
    #expect(try program.hoursAhead("l") == "48")
    let time = try run("time", "\(program.pid)", "+3h")
    #expect(time.status != 0 && time.output.contains("demo-loader attach \(program.pid)"), "\(time.output)")
    #expect(try program.finish() == "0 failures\n")
  }

  @Test("attach --tree and detach --tree change a program and all its descendants at once")
  func tree() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 2)
    #expect(try program.hoursAhead("l") == "0")
    for hours in [48, 5] {
      let attached = try run("attach", "\(program.pid)", "--tree", "--time", "+\(hours)h", "--follow")
      #expect(attached.status == 0, "\(attached.output)")
      for letter in ["p", "f", "v", "s", "l"] { #expect(try program.hoursAhead(letter) == "\(hours)", "\(letter)") }
      #expect(try run("time", "\(program.pid)", "+3h").status == 0)
      for letter in ["p", "l"] { #expect(try program.hoursAhead(letter) == "3", "\(letter)") }
      let detached = try run("detach", "\(program.pid)", "--tree")
      #expect(detached.status == 0 && detached.output.matches(of: /answers with/).count == 2, "\(detached.output)")
      for letter in ["p", "f", "s", "l"] { #expect(try program.hoursAhead(letter) == "0", "\(letter)") }
    }
    #expect(try program.finish() == "0 failures\n")
  }

  @Test("are as before when attaching fails for one of them")
  func refusedTree() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 2)
    #expect(try program.hoursAhead("l") == "0")
    let children = try String(contentsOfFile: "/proc/\(program.pid)/task/\(program.pid)/children", encoding: .utf8)
    let child = try #require(children.split(separator: " ").first.flatMap { Int32($0) })
    for letter in ["f", "v", "s", "l"] { #expect(try program.hoursAhead(letter) == "0", "\(letter)") }
    let (state, vdso) = (try program.state, try program.vdso)
    // The child fails when its pages are mapped: the program has its own by then.
    #expect(try Command.run(["/usr/bin/prlimit", "--pid", "\(child)", "--fsize=0:"]).status == 0)
    let failed = try run("attach", "\(program.pid)", "--tree", "--time", "+2d", "--follow")
    #expect(failed.status == 1 && failed.output.contains("process \(child) may not make a file"), "\(failed.output)")
    for letter in ["f", "v", "s", "l"] { #expect(try program.hoursAhead(letter) == "0", "\(letter)") }
    #expect(try program.filters == 0)
    #expect(try program.state == state)
    #expect(try program.vdso == vdso)
    #expect(try program.finish() == "0 failures\n")
  }

  @Test("keep a filter, as a message says, when only another one can't be followed", .enabled(if: geteuid() == 0))
  func refusedFilter() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 2)
    #expect(try program.hoursAhead("k") == "0")
    let failed = try run("attach", "\(program.pid)", "--tree", "--time", "+2d", "--follow")
    #expect(
      failed.status == 1 && failed.output.contains("intercepts its system calls already")
        && failed.output.contains("stays in process \(program.pid)"), "\(failed.output)")
    for letter in ["f", "v", "s", "p"] { #expect(try program.hoursAhead(letter) == "0", "\(letter)") }
    #expect(try program.filters == 1)
    #expect(try program.finish() == "0 failures\n")
  }

  @Test("keep their time when the supervisor is killed, and can be detached")
  func supervisorDies() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 2)
    #expect(
      try run("attach", "\(program.pid)", "--time", "+2d", "--follow").status == 0)
    for hours in ["48", "3"] {
      let supervisor = try #require(try Self.supervisor(of: program.pid))
      kill(supervisor, SIGKILL)
      for letter in ["p", "f", "s"] { #expect(try program.hoursAhead(letter) == hours, "\(letter)") }
      while try Self.supervisor(of: program.pid) == supervisor { usleep(10_000) }
      #expect(try run("time", "\(program.pid)", "+3h").status == 0)
      for letter in ["p", "f", "s"] { #expect(try program.hoursAhead(letter) == "3", "\(letter)") }
    }
    let detached = try run("detach", "\(program.pid)")
    #expect(detached.status == 0 && detached.output.contains("answers with the host's time"), "\(detached.output)")
    for letter in ["p", "f", "s"] { #expect(try program.hoursAhead(letter) == "0", "\(letter)") }
    #expect(try program.finish() == "0 failures\n")
  }

  /// The process that supervises the session whose time page a program has mapped.
  private static func supervisor(of program: Int32) throws -> Int32? {
    let maps = try String(contentsOfFile: "/proc/\(program)/maps", encoding: .utf8)
    let page = try #require(maps.split(separator: "\n").first { $0.contains("memfd:vdso-time") })
    let number = page.split(separator: " ")[4]
    return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.first { process in
      let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
      guard name == "vdso-supervisor\n" else { return false }
      let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []
      return files.contains {
        var status = stat()
        return unsafe stat("/proc/\(process)/fd/\($0)", &status) == 0 && "\(status.st_ino)" == number
      }
    }
  }

  @Test("attach --namespace changes all processes of a PID namespace at once")
  func namespace() throws {
    let directory = try TemporaryDirectory()
    let script = """
      cd '\(directory.path)' && mkfifo in && (read line < in; date +%Y) & other=$!
      '\(Self.loader)' attach $other --namespace --follow --time @2040-06-01T00:00:00Z || exit
      date +%Y
      echo > '\(directory.path)/in'
      wait $other
      """
    let result = try Command.run([
      "/usr/bin/unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "/bin/sh", "-c", script,
    ])
    #expect(
      result.status == 0 && result.output.split(separator: "\n").suffix(2) == ["2040", "2040"], "\(result.output)")
  }
}
