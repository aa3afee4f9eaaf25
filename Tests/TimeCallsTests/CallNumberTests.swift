// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import Foundation
import Testing

@testable import TimeCalls

@Suite("System call numbers")
struct CallNumberTests {
  private typealias Row = (name: String, abi: SyscallABI, number: UInt32)

  /// The kernel's names of an architecture's calls, by number, from its own headers.
  private static func names(_ header: String) throws -> [UInt32: Set<String>] {
    var result: [UInt32: Set<String>] = [:]
    for line in try String(contentsOfFile: "/usr/include/\(header)", encoding: .utf8).split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count >= 3, words[0] == "#define", words[1].hasPrefix("__NR_"), let number = UInt32(words[2]) else {
        continue
      }
      result[number, default: []].insert(String(words[1].dropFirst(5)))
    }
    return result
  }

  /// Our names leave out the part of the kernel's names that states the width of times.
  private static func spellings(_ name: String) -> [String] {
    [name, "\(name)64", "\(name)_time64"] + (name == "select" ? ["_newselect"] : [])
  }

  private static let headers = [
    (SyscallABI.x86_64, "x86_64-linux-gnu/asm/unistd_64.h"), (.i386, "x86_64-linux-gnu/asm/unistd_32.h"),
    (.aarch64, "asm-generic/unistd.h"), (.riscv64, "asm-generic/unistd.h"),
  ]

  @Test("has the system call numbers of the kernel's headers for all time calls", arguments: headers)
  func numbers(_ abi: SyscallABI, _ header: String) throws {
    let names = try Self.names(header)
    let newest = try #require(names.keys.max())
    let rows: [Row] =
      ClockCall.all.map { ($0.name, $0.abi, $0.number) } + WaitingCall.all.map { ($0.name, $0.abi, $0.number) }
    let known = rows.filter { $0.abi == abi && $0.number <= newest }
    #expect(known.count >= 2)
    for row in known {
      let kernels = names[row.number] ?? []
      #expect(Self.spellings(row.name).contains { kernels.contains($0) }, "\(row.name) \(row.number): \(kernels)")
    }
  }

  @Test("has the system call numbers of the kernel's headers for the times of files", arguments: headers)
  func fileTimes(_ abi: SyscallABI, _ header: String) throws {
    let names = try Self.names(header)
    let calls = FileTimeCall.all.filter { $0.abi == abi }
    // Of the generic numbers, the header gives those of fstatat and fstat other names.
    let known = calls.filter { names[$0.number] != nil }
    #expect(known.count >= 2)
    for call in known {
      let (reads, sets) = (["stat", "statx"], ["utime", "utimes", "utimensat", "futimesat"])
      let kernels = names[call.number] ?? []
      let isRight =
        switch call.kind {
        case .reads: kernels.contains { name in reads.contains { name.contains($0) } }
        case .sets: kernels.contains { name in sets.contains { Self.spellings($0).contains(name) } }
        }
      #expect(isRight, "\(call.number): \(kernels)")
      if case .sets(_, _, let utimensat, _, _, _) = call.kind {
        #expect(names[utimensat]?.contains { $0.hasPrefix("utimensat") } == true, "\(utimensat)")
      }
    }
  }
}
