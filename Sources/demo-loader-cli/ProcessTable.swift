// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// The properties of processes in /proc that `demo-loader ps` needs.
enum ProcessTable {
  /// All processes in rising order; nil without /proc.
  static var numbers: [Int32]? {
    FileNames.list("/proc")?.compactMap { Int32($0) }.sorted()
  }

  /// The name, or nil if there is no such process.
  static func name(of process: Int32) -> String? {
    ProcessFiles.programName(of: process)
  }

  /// Whether it has memory of its own; kernel threads and processes that have ended have none.
  static func hasMemory(_ process: Int32) -> Bool {
    // Its size in pages.
    guard let size = SmallFile.record("/proc/\(process)/statm").first else { return false }
    return size != UInt8(ascii: "0")
  }

  /// The inode number of the file that is mapped at an address; nil if it can't be found out.
  static func mappedFile(of process: Int32, at address: UInt64) -> UInt64? {
    let start = String(address, radix: 16) + "-"
    let line = SmallFile.text("/proc/\(process)/maps")?.split(separator: "\n").first { line in
      line.drop { $0 == "0" }.hasPrefix(start)
    }
    // The fields are range, protection, offset, device, inode number, path.
    guard let fields = line?.split(separator: " "), fields.count > 4 else { return nil }
    return UInt64(fields[4]).flatMap { $0 == 0 ? nil : $0 }
  }
}
