// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A program that reads clocks in some threads, until this is gone.
final class AttachedProgram {
  private let program: AnsweringProgram
  private let directory: TemporaryDirectory
  let pid: Int32

  /// With `compute` its threads read no clocks. With `mayBeInterrupted` a wait may end by a signal that isn't there. The program can execute
  /// the same of `other` kind.
  init(
    _ kind: ProgramKind, _ source: String = "programs/attached.c", threads: Int, compute: Bool = false,
    mayBeInterrupted: Bool = false,
    through command: [String] = [], other: ProgramKind? = nil
  ) throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    let words =
      command + [try Fixtures.compile(source, with: kind.compiler, in: directory), "\(threads)\(compute ? "c" : "")"]
      + (mayBeInterrupted ? ["1"] : [])
    let environment =
      try other.map { ["OTHER": try Fixtures.compile(source, with: $0.compiler, in: directory)] } ?? [:]
    program = try AnsweringProgram(words, environment: environment, withErrors: true)
    pid = try #require(Int32(program.line()))
  }

  /// The hours by which the dates of clock_gettime, gettimeofday and time are ahead of the kernel's; with a letter, see the program.
  func hoursAhead(_ letter: String = "") throws -> String { try answer(letter) }

  /// What it prints for a line of input.
  func answer(_ line: String = "") throws -> String { try program.answer(line) }

  func finish() throws -> String { try program.finish() }

  /// What the process has mapped, but for its heap, and its open descriptors.
  var state: [String] {
    get throws {
      try maps.split(separator: "\n").map(String.init).filter { !$0.hasSuffix("[heap]") }
        + (try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")).sorted()
    }
  }

  /// Its auxiliary vector, as the kernel shows it.
  var vector: Data {
    get throws { try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/auxv")).readToEnd() ?? Data() }
  }

  /// The priorities of its threads, as the kernel counts them: below 0 for those before all of normal priority.
  var priorities: Set<Int> {
    get throws {
      let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
      return Set(try threads.map { try Self.priority(of: "\(pid)/task/\($0)") })
    }
  }

  static func priority(of process: String) throws -> Int {
    let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    let fields = stat.suffix(from: try #require(stat.lastIndex(of: ")"))).split(separator: " ")
    return try #require(Int(fields[16]))
  }

  /// How many filters its system calls pass.
  var filters: Int {
    get throws {
      let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
      return status.firstMatch(of: /Seccomp_filters:\s*([0-9]+)/).flatMap { Int($0.1) } ?? -1
    }
  }

  /// The lines of /proc/PID/maps. The file has no size, and `String(contentsOfFile:)` misses parts of long ones.
  private var maps: String {
    get throws {
      let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/maps"))
      return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }
  }

  /// The bytes of the kernel's vDSO in it.
  var vdso: [UInt8] {
    get throws {
      let line = try #require(maps.split(separator: "\n").first { $0.hasSuffix("[vdso]") })
      let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
      let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/mem"))
      try file.seek(toOffset: bounds[0])
      return try Array(file.read(upToCount: Int(bounds[1] - bounds[0])) ?? Data())
    }
  }
}
