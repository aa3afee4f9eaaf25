// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Who looks for the callers of a function of the vDSO: debuggers and profilers, and the unwinders of exceptions and cancelled threads.
@Suite("Frames of the page and of the kernel's functions")
struct FrameTests {
  /// Ways to start a program in which the kernel's functions are called with and without a frame of the page's, or not at all.
  static let ways =
    [
      ["--engine", "exec"], ["--engine", "exec", "--clock-source", "tsc"], ["--time", "+3d500ms"],
      ["--time", "x2", "--clock", "all"], ["--control"],
    ] + (isStatic ? loadWays : [])
  /// A launcher with shared libraries has them where engine load would place the pages.
  private static let isStatic = ProcessInfo.processInfo.environment["DEMO_LOADER"] != nil
  private static let loadWays = [
    ["--engine", "load"], ["--engine", "load", "--no-follow", "--clock-source", "tsc"],
    ["--engine", "load", "--no-follow", "--time", "+3d500ms"],
  ]
  /// With frame pointers, and with tables for code that throws nothing.
  static let flags = ["-O1", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-fexceptions"]

  @Test(
    "unwinds through page and kernel at each instruction, with frame pointers and the compiler's unwinder",
    arguments: ways)
  func stepped(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let way = way == ["--control"] ? way + ["\(directory.path)/control"] : way
    let program = try Fixtures.compile("programs/frames.c", with: ["gcc"] + Self.flags, in: directory)
    let result = try Command.run([ProgramTests.loader] + way + [program])
    #expect(result.status == 0, "\(result.output)")
    // The test must notice the kernel's functions where the page calls them.
    #expect(way.contains("tsc") || !result.output.contains("kernel's image 0;"), "\(result.output)")
  }

  @Test("runs the destructors of threads that are canceled in page or kernel functions", arguments: ways)
  func cancelled(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let way = way == ["--control"] ? way + ["\(directory.path)/control"] : way
    let program = try Fixtures.compile(
      "programs/cancelled-readers.cpp", with: ["g++", "-O1", "-fnon-call-exceptions", "-pthread"], in: directory)
    let result = try Command.run([ProgramTests.loader] + way + [program])
    #expect(result.output == "destructors 40 of 40\n", "\(result.output)")
  }

  @Test(
    "runs the destructors of a thread that is canceled in a 32-bit system call", arguments: ["exec", "load"])
  func cancelledInCall(engine: String) throws {
    let directory = try TemporaryDirectory()
    let flags = ["-O1", "-fno-optimize-sibling-calls", "-fexceptions", "-pthread"]
    let program = try Fixtures.compile("corpus/cancelled.c", with: UnusualProgram.i386 + flags, in: directory)
    let result = try Command.run([ProgramTests.loader, "--engine", engine, program])
    #expect(result.output == "cancelled: 1, cleaned up: 1\n", "\(result.output)")
  }

  @Test("passes exceptions out of signal handlers through page and kernel functions", arguments: ways)
  func exceptions(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let way = way == ["--control"] ? way + ["\(directory.path)/control"] : way
    let flags = ["g++", "-O1", "-fnon-call-exceptions", "-fasynchronous-unwind-tables", "-pthread"]
    let program = try Fixtures.compile("corpus/vdso-exceptions.cpp", with: flags, in: directory)
    let result = try Command.run([ProgramTests.loader] + way + [program])
    #expect(result.status == 0, "\(result.output)")
  }
}
