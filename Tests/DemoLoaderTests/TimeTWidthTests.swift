// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Dates that a 32-bit time_t can't represent")
struct TimeTWidthTests {
  private static let loader = ProgramTests.loader
  private static let i386 = ProgramKind.i386.compiler
  private static let beyond = ["--time", "@2038-01-19T03:14:08Z"]

  private func run(_ options: [String], _ compiler: [String]) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/seconds.c", with: compiler, in: directory)
    return try Command.run([Self.loader] + options + [program])
  }

  @Test("refuses dates after 2038 for a program with a 32-bit time_t before it starts")
  func narrow() throws {
    let refused = try run(Self.beyond, Self.i386)
    #expect(refused.status == 125 && refused.output.contains("its time_t has 32 bits"), "\(refused.output)")
    #expect(refused.output.split(separator: "\n").count == 1)
    let last = try run(["--time", "=2038-01-19T03:14:07Z"], Self.i386)
    #expect(last.status == 0 && last.output == "2147483647\n", "\(last.output)")
  }

  @Test("warns if a followed program has a 32-bit time_t and the date is after 2038")
  func executed() throws {
    let directory = try TemporaryDirectory()
    let narrow = try Fixtures.compile("programs/seconds.c", with: Self.i386, in: directory)
    for (date, isWarned) in [("@2038-01-19T03:14:08Z", true), ("=2038-01-19T03:14:07Z", false)] {
      let result = try Command.run([
        Self.loader, "--follow", "--time", date, "sh", "-c", "\"$1\"; exit 7", "sh", narrow,
      ])
      #expect(result.status == 7 && result.output.contains("whose time_t has 32 bits") == isWarned, "\(result.output)")
    }
  }

  @Test(
    "refuses dates after 2038 for a running program with a 32-bit time_t, and warns if its size is unknown",
    .enabled(if: mayTraceOthers))
  func attached() throws {
    for (options, message) in [([], "whose time_t has 32 bits"), (["-static"], "if its time_t has 32 bits")] {
      let kind = ProgramKind(name: "", compiler: AttachTests.i386.compiler + options)
      let program = try AttachedProgram(kind, threads: 0)
      let words = [Self.loader, "attach", "\(program.pid)", "--no-follow"]
      let result = try Command.run(words + Self.beyond)
      #expect(result.status == (options.isEmpty ? 1 : 0) && result.output.contains(message), "\(result.output)")
      #expect(result.output.split(separator: "\n").count == 1)
      #expect(try program.answer("").hasPrefix("0") == options.isEmpty)
      _ = try program.finish()
    }
    let wide = try AttachedProgram(AttachTests.wideI386, threads: 0)
    let result = try Command.run([Self.loader, "attach", "\(wide.pid)", "--no-follow"] + Self.beyond)
    #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    #expect(try wide.answer("") != "0 0 0")
    #expect(try wide.finish() == "0 failures\n")
  }

  @Test("shows dates after 2038 to a 32-bit program with 64-bit time")
  func wide() throws {
    for compiler in [Self.i386 + ["-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64"], ["gcc"], ["musl-gcc", "-static"]] {
      let result = try run(["--time", "=2038-01-19T03:14:08Z"], compiler)
      #expect(result.status == 0 && result.output == "2147483648\n", "\(result.output)")
    }
  }

  @Test("warns of dates after 2038 if the size of time_t is unknown")
  func unknown() throws {
    let result = try run(Self.beyond, Self.i386 + ["-static"])
    #expect(result.output.contains("if its time_t has 32 bits"), "\(result.output)")
    #expect(try run(["--time", "@2038-01-19T03:14:07Z"], Self.i386 + ["-static"]).output.hasPrefix("21474836"))
  }
}
