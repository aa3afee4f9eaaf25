// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

extension AttachTests {
  /// A kind of program, and of its signal frames: see the program.
  private static let frames = [(glibc, 0), (glibc, 1), (i386, 0), (i386, 1), (i386, 2), (i386, 3)]

  @Test("a reading that a signal handler interrupts goes on after attaching and after detaching", arguments: frames)
  func interruptedReading(kind: ProgramKind, frame: Int) throws {
    let program = try AttachedProgram(kind, "programs/interrupted.c", threads: frame)
    #expect(try program.hoursAhead() == "0")
    let vdso = try program.vdso
    for step in 0...3 {
      // Only a thread that has not executed the first instruction is led to the page.
      let isAtStart = try program.answer("\(step)") == "0"
      #expect(isAtStart == (step == 0))
      let attached = try Command.run([Self.loader, "attach", "\(program.pid)", "--time", "+2d", "--no-follow"])
      #expect(attached.status == 0, "\(attached.output)")
      #expect(try program.hoursAhead() == (isAtStart ? "48" : "0"), "after instruction \(step)")
      #expect(try program.hoursAhead() == "48")
      let detached = try Command.run([Self.loader, "detach", "\(program.pid)"])
      #expect(detached.status == 0, "\(detached.output)")
      #expect(try program.hoursAhead() == "0")
    }
    #expect(try Command.run([Self.loader, "attach", "\(program.pid)", "--time", "+2d", "--no-follow"]).status == 0)
    // By then it is in the page, or in what the page has called.
    for step in [2, 40] {
      #expect(try program.answer("\(step)") != "0")
      let detaching = Process()
      detaching.executableURL = URL(filePath: Self.loader)
      detaching.arguments = ["detach", "\(program.pid)"]
      try detaching.run()
      while try program.vdso.prefix(4096) != vdso.prefix(4096), detaching.isRunning { usleep(5000) }
      // Time in which the pages would be unmapped if the frame weren't found.
      usleep(100_000)
      #expect(try program.hoursAhead() == "48", "after instruction \(step)")
      detaching.waitUntilExit()
      #expect(detaching.terminationStatus == 0)
      #expect(try program.hoursAhead() == "0")
      #expect(try Command.run([Self.loader, "attach", "\(program.pid)", "--time", "+2d", "--no-follow"]).status == 0)
    }
    #expect(try Command.run([Self.loader, "detach", "\(program.pid)"]).status == 0)
    #expect(try program.vdso == vdso)
    #expect(try program.finish() == "")
  }
}

extension AttachTests {
  @Test("a program that has crashed is an error of its test, which goes on")
  func crashed() throws {
    let program = try AttachedProgram(Self.glibc, threads: 0)
    kill(program.pid, SIGKILL)
    #expect(throws: (any Error).self) { for _ in 0..<6000 where try program.answer() == "" { usleep(10_000) } }
  }

  @Test("--verbose names the architecture of a 32-bit program's page, and no other one")
  func verbose32() throws {
    let program = try AttachedProgram(Self.i386, threads: 0)
    let attached = try Command.run([Self.loader, "attach", "\(program.pid)", "--no-follow", "--verbose"])
    #expect(attached.output.contains("our i386 page at 0x"), "\(attached.output)")
    #expect(!attached.output.contains("x86_64"), "\(attached.output)")
    #expect(try program.finish() == "0 failures\n")
  }
}
