// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How the kernel's treatment of a file compares with demo-loader's.
enum Comparison: Hashable {
  case equal
  /// They differ, and docs/loading.md gives the reason.
  case documented(String)
  case different(String)

  init(_ direct: Outcome, _ other: Outcome, engine: String, _ file: ProgramFile, _ interpreter: ProgramFile?) {
    guard let difference = Self.difference(direct, other, engine, file, interpreter) else {
      self = .equal
      return
    }
    let row = engine == "load" ? LoadingRow(direct, other, file, interpreter) : nil
    self = row.map { .documented($0.rawValue) } ?? .different(difference)
  }

  private static func difference(
    _ direct: Outcome, _ other: Outcome, _ engine: String, _ file: ProgramFile, _ interpreter: ProgramFile?
  ) -> String? {
    switch direct.ending {
    case .refused: return other.isRefusal ? nil : "execve refuses it"
    case .killedByExecve:
      // An entry outside the program is past the end of the addresses only for some base addresses. Otherwise the program is killed at its
      // first instruction, by the same signal.
      return other.isKilled && (engine == "exec" || file.startsOutside) ? nil : "execve kills it"
    case .ended: break
    }
    // The memory next to the program decides which signal kills it.
    if file.startsOutside, direct.isKilled, other.isKilled { return nil }
    guard direct.ending == other.ending else { return "it ends otherwise" }
    guard direct.status == 42 else { return nil }
    guard let expected = Report(direct.output, of: file, interpreter) else { return "its own report can't be read" }
    guard let found = Report(other.output, of: file, interpreter) else { return "its report can't be read" }
    return expected == found ? nil : "it sees otherwise: \(expected.difference(from: found))"
  }
}

/// A row of docs/loading.md in which engine load differs.
enum LoadingRow: String {
  case refusedInWords = "refused in words where execve kills"
  case firstSegmentWithoutBytes = "relocatable, with nothing of the file in the first segment"
  case extentCounted = "relocatable, writable first segment, of an extent above the machine's memory"
  case executionsStack = "linked for the stack that execve gives"
  case loadersOwn = "linked for the loader's stack, vDSO or pages"
  case interpreterOverProgram = "a fixed interpreter that the kernel lays over the program"

  init?(_ direct: Outcome, _ other: Outcome, _ file: ProgramFile, _ interpreter: ProgramFile?) {
    let isKilled = direct.ending == .killedByExecve
    if isKilled, other.isRefusal {
      self = .refusedInWords
    } else if other.isRefusal, other.says("overlap the stack or the vDSO"), file.isLinkedForLoader {
      self = .loadersOwn
    } else if file.interpreterPathIndex == nil && file.isWithoutFirstBytes || interpreter?.isWithoutFirstBytes == true {
      self = .firstSegmentWithoutBytes
    } else if isKilled, file.isCountedAboveMemory || interpreter?.isCountedAboveMemory == true {
      self = .extentCounted
    } else if isKilled, file.isLinkedForStack || interpreter?.isLinkedForStack == true {
      self = .executionsStack
    } else if let interpreter, file.isUnder(interpreter) {
      self = .interpreterOverProgram
    } else {
      return nil
    }
  }
}

extension Outcome {
  var isKilled: Bool { if case .ended(let status) = ending { status & 0x7f != 0 } else { false } }

  func says(_ words: String) -> Bool { String(decoding: errors, as: UTF8.self).contains(words) }
}

extension ProgramFile {
  private var isFixed: Bool { type == 2 }
  private var isRelocatable: Bool { type == 3 }

  /// Whether the first instruction lies outside the program.
  var startsOutside: Bool { !claimedPages.contains(entry / Self.page * Self.page) }

  fileprivate var isWithoutFirstBytes: Bool { isRelocatable && loads.first?.fileSize == 0 }

  fileprivate var isCountedAboveMemory: Bool {
    guard isRelocatable, let first = loads.first, first.flags & 2 != 0 else { return false }
    return UInt64(extent.count) > Self.machinesMemory
  }

  /// The size of the machine's memory with its swap space, in bytes.
  private static let machinesMemory: UInt64 = {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let kibibytes = text.split(separator: "\n").filter { $0.hasPrefix("MemTotal:") || $0.hasPrefix("SwapTotal:") }
      .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { UInt64($0) } }
    return kibibytes.reduce(0, +) * 1024
  }()

  private func claims(_ addresses: Range<UInt64>) -> Bool {
    isFixed && claimedPages.contains { addresses.contains($0) }
  }

  /// Whether it is linked for the addresses of execve's stack: 33 pages, below random ones.
  fileprivate var isLinkedForStack: Bool {
    switch width {
    case .bits64: !randomizesAddresses && claims(0x7fff_fffd_e000..<0x7fff_ffff_f000)
    case .bits32: claims((randomizesAddresses ? 0xff7d_d000 : 0xfffd_d000)..<0xffff_e000)
    }
  }

  /// Whether it is linked for addresses of this loader's own memory. Random 64-bit addresses don't coincide by chance.
  fileprivate var isLinkedForLoader: Bool {
    switch width {
    case .bits64: !randomizesAddresses && claims(0x7fff_f7e0_0000..<0x8000_0000_0000)
    case .bits32: claims(0xf790_0000..<0x1_0000_0000)
    }
  }

  /// Whether an interpreter at fixed addresses occupies pages of the program's. Without random addresses, the kernel puts relocatable
  /// programs always at the same address.
  fileprivate func isUnder(_ interpreter: ProgramFile) -> Bool {
    guard interpreter.isFixed, isFixed || !randomizesAddresses && width == .bits64 else { return false }
    let base: UInt64 = isFixed ? extent.lowerBound : 0x5555_5555_4000
    return interpreter.extent.overlaps(base..<base + UInt64(extent.count))
  }

  /// From the first page to the end of the last one.
  private var extent: Range<UInt64> {
    let start = loads.map { $0.address / Self.page * Self.page }.min() ?? 0
    return start..<max(start, (loads.map { $0.address &+ $0.memorySize }.max() ?? 0))
  }
}

extension Report {
  func difference(from other: Report) -> String {
    var parts: [String] = []
    if vector != other.vector { parts.append("vector \(vector) \(other.vector)") }
    if breakAddress != other.breakAddress { parts.append("break \(breakAddress ?? 0) \(other.breakAddress ?? 0)") }
    for (mine, others) in [(pages, other.pages), (entryPages, other.entryPages)] {
      for (address, page) in mine.sorted(by: { $0.key < $1.key }) where others[address] != page {
        let found = others[address]
        let bytes = page.bytes == found?.bytes ? "same bytes" : "other bytes"
        parts.append("page \(address) \(page.mapping ?? "none") \(found?.mapping ?? "none") \(bytes)")
      }
      if mine.count != others.count { parts.append("\(mine.count) pages, \(others.count)") }
    }
    return parts.joined(separator: "; ")
  }
}
