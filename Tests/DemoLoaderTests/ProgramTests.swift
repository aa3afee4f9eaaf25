// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// A way to build a C program.
struct ProgramKind: Sendable, CustomTestStringConvertible {
  var name: String
  var compiler: [String]

  var testDescription: String { name }

  private static let gcc32 = ["gcc", "-m32", "-I/usr/include/x86_64-linux-gnu"]
  static let i386 = ProgramKind(name: "i386 glibc, dynamic", compiler: gcc32)
  static let i386Static = ProgramKind(name: "i386 glibc, static", compiler: gcc32 + ["-static"])

  static let all = [
    ProgramKind(name: "glibc, dynamic, position-independent", compiler: ["gcc"]),
    ProgramKind(name: "glibc, dynamic, fixed address", compiler: ["gcc", "-no-pie"]),
    ProgramKind(name: "glibc, static", compiler: ["gcc", "-static"]),
    ProgramKind(name: "glibc, static-PIE", compiler: ["gcc", "-static-pie"]),
    ProgramKind(name: "musl, dynamic", compiler: ["musl-gcc"]),
    ProgramKind(name: "musl, static", compiler: ["musl-gcc", "-static"]),
    ProgramKind(name: "i386, glibc, dynamic", compiler: UnusualProgram.i386),
    ProgramKind(name: "i386, glibc, fixed address", compiler: UnusualProgram.i386 + ["-no-pie"]),
    ProgramKind(name: "i386, glibc, static", compiler: UnusualProgram.i386 + ["-static"]),
    ProgramKind(name: "i386, glibc, static-PIE", compiler: UnusualProgram.i386 + ["-static-pie"]),
  ]
}

@Suite("Programs on our page")
struct ProgramTests {
  static let loader = Fixtures.product("demo-loader")
  static let engines = ["exec", "load"]
  static let kinds = [ProgramKind.all[0], .i386]

  @Test(
    "runs programs that find our image, agree with the system call, and have no writable and executable mapping",
    arguments: ProgramKind.all)
  func pageCheck(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: kind.compiler, in: directory)
    for source in ["host", "tsc"] {
      for engine in Self.engines {
        let result = try Command.run([Self.loader, "--engine", engine, "--clock-source", source, program, source])
        #expect(result.status == 0, "\(engine), \(source): \(result.output)")
      }
    }
    // On the kernel's page the program's check fails.
    #expect(try Command.run([program]).status == 1)
  }

  @Test(
    "returns the kernel's process and user ids after fork, clone, vfork, execve, a change of user, and in new namespaces",
    arguments: kinds)
  func identities(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/identities.c", with: kind.compiler + ["-pthread"], in: directory)
    let commands = [["--engine", "load", program], ["--engine", "exec", program], ["--follow", program, "execute"]]
    for command in commands {
      let result = try Command.run([Self.loader] + command)
      #expect(result.status == 0 && result.output == "0 failures\n", "\(command.dropLast()): \(result.output)")
    }
  }

  /// Real programs whose output doesn't depend on the time.
  static let programs: [[String]] = [
    ["date", "--date=@86400", "--utc"],
    ["bash", "-c", "echo $0 $1; (exit 3); echo $?; exit 7", "name", "argument"],
    ["sh", "-c", "kill -TERM $$"],
    ["sh", "-c", "cat /proc/$$/cmdline /proc/$$/comm; readlink /proc/$$/exe"],
    [
      "/usr/bin/python3", "-c",
      "import sys, threading; t = threading.Thread(target=print, args=(sys.argv,)); t.start()", "x",
    ],
    ["gdb", "--version"],
    ["busybox", "expr", "6", "*", "7"],
    ["perl", "-e", "print $^X"],
    ["env", "-i", "A=1", "env"],
    ["sort", "/etc/passwd"],
    ["ls", "/nonexistent"],
    ["true"], ["false"],
  ]

  @Test("runs programs with the same output and exit status as directly", arguments: programs)
  func sameAsDirectly(command: [String]) throws {
    let direct = try Command.run(command)
    for engine in Self.engines {
      let result = try Command.run([Self.loader, "--engine", engine] + command)
      #expect(result.status == direct.status, "\(engine)")
      #expect(asNamed(result.output, command[0], engine) == direct.output, "\(engine)")
    }
  }

  /// A program's output, with the program's own path in place of the loader's as `/proc/self/exe`, which docs/loading.md documents.
  private func asNamed(_ output: String, _ program: String, _ engine: String) -> String {
    guard engine == "load", !Privileges.mayNameExecutable, let path = Command.path(of: program) else { return output }
    return output.replacing(Command.path(of: Self.loader) ?? Self.loader, with: path)
  }

  @Test("runs Go programs on our page")
  func go() throws {
    let directory = try TemporaryDirectory()
    let environment = ["GO111MODULE": "off", "HOME": directory.path, "GOCACHE": "\(directory.path)/cache"]
    let build = try Command.run(
      ["go", "build", "-o", "\(directory.path)/program", Fixtures.path("programs/goroutines.go")],
      environment: environment)
    #expect(build.status == 0, "\(build.output)")
    let direct = try Command.run(["\(directory.path)/program", "a", "b"])
    for engine in Self.engines {
      let result = try Command.run([Self.loader, "--engine", engine, "\(directory.path)/program", "a", "b"])
      #expect(result.status == 0 && result.output == direct.output, "\(engine)")
    }
  }

  @Test("passes arguments after the program's name to the program, options or not")
  func passthrough() throws {
    let result = try Command.run([Self.loader, "--clock-source", "host", "echo", "--verbose", "--", "-x"])
    #expect(result.output == "--verbose -- -x\n")
  }

  @Test("runs scripts through their interpreter, and scripts of scripts")
  func scripts() throws {
    let directory = try TemporaryDirectory()
    try directory.writeScript("#!/bin/sh\necho \"$0\" \"$@\"\n", named: "one")
    try directory.writeScript("#!\(directory.path)/one option\n", named: "two")
    for name in ["one", "two"] {
      let direct = try Command.run(["\(directory.path)/\(name)", "a"])
      for engine in Self.engines {
        let result = try Command.run([Self.loader, "--engine", engine, "\(directory.path)/\(name)", "a"])
        #expect(result.status == 0 && result.output == direct.output, "\(engine)")
      }
    }
  }
}
