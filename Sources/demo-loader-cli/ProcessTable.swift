// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// What /proc says of processes, as far as `demo-loader ps` needs it.
enum ProcessTable {
  /// All processes in rising order; nil without /proc.
  static var numbers: [Int32]? {
    FileNames.list("/proc")?.compactMap { Int32($0) }.sorted()
  }

  /// The name, or nil if there is no such process.
  static func name(of process: Int32) -> String? {
    ProcessFiles.programName(of: process)
  }

  /// Whether it has memory of its own, which kernel threads and processes that have ended haven't.
  static func hasMemory(_ process: Int32) -> Bool {
    // Its size in pages.
    guard let size = SmallFile.record("/proc/\(process)/statm").first else { return false }
    return size != UInt8(ascii: "0")
  }

  /// The number of the file that is mapped at an address, or nil if that can't be seen.
  static func mappedFile(of process: Int32, at address: UInt64) -> UInt64? {
    let start = String(address, radix: 16) + "-"
    let line = SmallFile.text("/proc/\(process)/maps")?.split(separator: "\n").first { line in
      line.drop { $0 == "0" }.hasPrefix(start)
    }
    // Range, protection, offset, device, inode, path.
    guard let fields = line?.split(separator: " "), fields.count > 4 else { return nil }
    return UInt64(fields[4]).flatMap { $0 == 0 ? nil : $0 }
  }
}
